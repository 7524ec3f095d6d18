import { type ObjectKey, PreconditionFailedError } from '@porch/apiserver';
import type { Logger } from 'pino';
import { putRecord, repositoriesPlaces, repositoryStates } from '../cache/records.ts';
import { decodeRecord } from '../cache/revision-cache.ts';
import { namespaces, packageRevisions, repositories } from '../resources/group.ts';
import { caughtUp } from './caught-up.ts';
import type { ServerState } from './open-state.ts';
import { StartupError } from './startup-error.ts';

/** Where the Repositories are whose package revisions a store has: in the store itself, or in a cluster. */
export type RepositoriesPlace = 'store' | 'cluster';

interface PlaceRecord {
  readonly place: RepositoriesPlace;
  /** Identity of the cluster. Absent where there is none or it says none, and in records of earlier versions. */
  readonly cluster?: string;
}

/** Key of the record that says it. */
const placeKey: ObjectKey = { resource: repositoriesPlaces, namespace: '', name: 'place' };

const loss = 'all package revisions would leave the API, with their labels and the drafts that Git does not have';

const refusals: Readonly<Record<RepositoriesPlace, string>> = {
  store:
    `the state is that of a server behind a kube-apiserver, and its Repositories are in the cluster: ${loss}; ` +
    'start porch serve with --aggregated or --kubeconfig, or give another data directory or database',
  cluster:
    `the state is that of a server that stands alone, and its Repositories are in it, not in the cluster: ${loss}; ` +
    'start porch serve without --aggregated and --kubeconfig, or give another data directory or database',
};

const movedHere =
  'the state was last used by servers of another cluster: package revisions of Repositories that this cluster does not have leave the API';

/**
 * Makes sure that a server looks for Repositories where those are whose package revisions the store has: whatever belongs to no
 * Repository is removed. The first server on a store decides.
 * @throws StartupError when they are in the other place
 */
export async function requireRepositoriesIn(
  place: RepositoriesPlace,
  { store, objects }: Pick<ServerState, 'store' | 'objects'>,
): Promise<void> {
  const known = noted(objects)?.place;
  if ((known ?? likelyPlace(objects) ?? place) !== place) throw new StartupError(refusals[place]);
  if (known !== undefined) return;
  try {
    await store.commit({ operations: [putRecord(placeKey, { place } satisfies PlaceRecord, 0)] });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
    await caughtUp(objects);
    if (noted(objects)?.place !== place) throw new StartupError(refusals[place], { cause: error });
  }
}

/**
 * Notes which cluster has the Repositories, and says in the log when that was another one: the state was moved or restored there, or a copy
 * of it was. Nobody of another cluster works on it any more.
 */
export async function noteCluster(
  cluster: string,
  { store, objects }: Pick<ServerState, 'store' | 'objects'>,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const before = noted(objects);
  if (before?.cluster === cluster) return;
  if (before?.cluster !== undefined) logger.warn({ cluster, before: before.cluster }, movedHere);
  const record: PlaceRecord = { place: 'cluster', cluster };
  try {
    await store.commit({ operations: [putRecord(placeKey, record, objects.get(placeKey)?.revision ?? 0)] });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error; // another server of this cluster has noted it
  }
}

function noted(objects: ServerState['objects']): PlaceRecord | undefined {
  const served = objects.get(placeKey);
  return served && decodeRecord<PlaceRecord>(served);
}

/** What a store without the record is likely to be of: a server that stands alone has namespaces of its own. */
function likelyPlace(objects: ServerState['objects']): RepositoriesPlace | undefined {
  const has = (resource: string): boolean => objects.list(resource).items.length > 0;
  if (has(repositories)) return 'store';
  return !has(namespaces) && (has(packageRevisions) || has(repositoryStates)) ? 'cluster' : undefined;
}

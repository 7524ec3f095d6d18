import { type ObjectKey, PreconditionFailedError } from '@porch/apiserver';
import { putRecord, repositoriesPlaces, repositoryStates } from '../cache/records.ts';
import { decodeRecord } from '../cache/revision-cache.ts';
import { namespaces, packageRevisions, repositories } from '../resources/group.ts';
import type { ServerState } from './open-state.ts';
import { StartupError } from './startup-error.ts';

/** Where the Repositories are whose package revisions a store has: in the store itself, or in a cluster. */
export type RepositoriesPlace = 'store' | 'cluster';

interface PlaceRecord {
  readonly place: RepositoriesPlace;
}

/** Key of the record that says it. */
const placeKey: ObjectKey = { resource: repositoriesPlaces, namespace: '', name: 'place' };

/** How long to wait until what another server has written is seen, in milliseconds. */
const seenMs = 10_000;

const loss = 'all package revisions would leave the API, with their labels and the drafts that Git does not have';

const refusals: Readonly<Record<RepositoriesPlace, string>> = {
  store:
    `the state is that of a server behind a kube-apiserver, and its Repositories are in the cluster: ${loss}; ` +
    'start porch serve with --aggregated or --kubeconfig, or give another data directory or database',
  cluster:
    `the state is that of a server that stands alone, and its Repositories are in it, not in the cluster: ${loss}; ` +
    'start porch serve without --aggregated and --kubeconfig, or give another data directory or database',
};

/**
 * Makes sure that a server looks for Repositories where those are whose package revisions the store has: whatever belongs to no
 * Repository is removed. The first server on a store decides.
 * @throws StartupError when they are in the other place
 */
export async function requireRepositoriesIn(
  place: RepositoriesPlace,
  { store, objects }: Pick<ServerState, 'store' | 'objects'>,
): Promise<void> {
  const noted = notedPlace(objects);
  const known = noted ?? likelyPlace(objects) ?? place;
  if (known !== place) throw new StartupError(refusals[place]);
  if (noted !== undefined) return;
  try {
    await store.commit({ operations: [putRecord(placeKey, { place } satisfies PlaceRecord, 0)] });
  } catch (error) {
    if (!(error instanceof PreconditionFailedError)) throw error;
    const latest = await objects.latestRevision?.();
    if (latest !== undefined) await objects.reached(latest, AbortSignal.timeout(seenMs));
    if (notedPlace(objects) !== place) throw new StartupError(refusals[place], { cause: error });
  }
}

function notedPlace(objects: ServerState['objects']): RepositoriesPlace | undefined {
  const served = objects.get(placeKey);
  return served === undefined ? undefined : decodeRecord<PlaceRecord>(served).place;
}

/** What a store without the record is likely to be of: a server that stands alone has namespaces of its own. */
function likelyPlace(objects: ServerState['objects']): RepositoriesPlace | undefined {
  const has = (resource: string): boolean => objects.list(resource).items.length > 0;
  if (has(repositories)) return 'store';
  return !has(namespaces) && (has(packageRevisions) || has(repositoryStates)) ? 'cluster' : undefined;
}

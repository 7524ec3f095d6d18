import { turns } from '@porch/apiserver';
import { timeOf } from '../cache/clock.ts';
import { type PackageName, planPackageWrites } from '../cache/package-writes.ts';
import { forgetResources } from '../cache/resources-state.ts';
import { repositoryStateKey } from '../cache/revision-cache.ts';
import { syncRequestKey } from '../cache/sync-requests.ts';
import { writeMutex } from '../engine/mutex-names.ts';
import type { EngineParts } from '../engine/parts.ts';
import { isUnmirrored } from '../outbox/is-unmirrored.ts';

/** Git does not have everything yet that would go with the repository. */
export class UnmirroredError extends Error {
  /** Names of the package revisions. */
  readonly revisions: readonly string[];

  constructor(revisions: readonly string[]) {
    super(`changes of ${revisions.length} package revisions are not in Git yet: ${revisions.slice(0, 5).join(', ')}`);
    this.name = 'UnmirroredError';
    this.revisions = revisions;
  }
}

/** How a Repository is taken out of the API. */
export interface UnregisterOptions {
  /** Drop changes that Git does not have. */
  readonly discardDrafts: boolean;
}

/**
 * Takes all package revisions of a repository out of the API, with DELETED events, finalizers or not. Git keeps everything. No
 * synchronisation of the repository may be under way. What is written meanwhile is refused, or makes this fail; it may be called again.
 * @throws UnmirroredError
 * @throws PreconditionFailedError
 */
export async function unregisterRepository(
  parts: EngineParts,
  namespace: string,
  repository: string,
  options: UnregisterOptions,
): Promise<void> {
  const check = async (): Promise<void> => {
    const revisions = options.discardDrafts ? [] : await unmirrored(parts, namespace, repository);
    if (revisions.length > 0) throw new UnmirroredError(revisions);
  };
  await check();
  // Nothing can be made without it: what is there from here on is all there will be.
  const { cache, store } = parts;
  await store.commit({ operations: [{ type: 'delete', key: repositoryStateKey(namespace, repository) }] });
  const packages = new Map<string, string[]>();
  for (const served of cache.eachRevisionOfRepository(namespace, repository)) {
    if (turns.over) await turns.next();
    const packageName = served.fields['spec.packageName'] ?? '';
    const known = packages.get(packageName) ?? [];
    packages.set(packageName, known);
    known.push(served.key.name);
  }
  await check();
  await Promise.all(
    [...packages].map(([packageName, names]) => forget(parts, { namespace, repository, packageName }, names, options)),
  );
  const request = syncRequestKey(namespace, repository);
  const orphans = cache.statesOfRepository(namespace, repository);
  await store.commit({
    operations: [
      ...orphans.flatMap(({ key, revision }) => [
        { type: 'delete' as const, key, expected: revision },
        ...forgetResources(cache, key.namespace, key.name),
      ]),
      ...(cache.objects.get(request) === undefined ? [] : [{ type: 'delete' as const, key: request }]),
      ...cache.familiesOfRepository(namespace, repository).map((key) => ({ type: 'delete' as const, key })),
    ],
  });
}

async function unmirrored(parts: EngineParts, namespace: string, repository: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { key, value } of parts.cache.eachStateOfRepository(namespace, repository)) {
    if (turns.over) await turns.next();
    if (isUnmirrored(parts, namespace, key.name, value)) names.push(key.name);
  }
  return names;
}

function forget(
  parts: EngineParts,
  name: PackageName,
  revisions: readonly string[],
  options: UnregisterOptions,
): Promise<unknown> {
  return parts.packageMutexes.run(writeMutex(name), async () => {
    await turns.next();
    const changes = revisions.flatMap((revision) => {
      const read = parts.cache.packageRevision(name.namespace, revision);
      const state = parts.cache.state(name.namespace, revision);
      if (read === undefined) return [];
      if (!options.discardDrafts && state && isUnmirrored(parts, name.namespace, revision, state.value)) {
        throw new UnmirroredError([revision]);
      }
      const base = { namespace: name.namespace, name: revision, object: null, expected: read.revision };
      return [state === undefined ? base : { ...base, state: null, expectedState: state.revision }];
    });
    return parts.store.commit({ operations: planPackageWrites(parts.cache, name, changes, timeOf(parts.clock)) });
  });
}

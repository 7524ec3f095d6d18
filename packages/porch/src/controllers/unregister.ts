import { timeOf } from '../cache/clock.ts';
import { planPackageWrites } from '../cache/package-writes.ts';
import { repositoryStateKey } from '../cache/revision-cache.ts';
import type { EngineParts } from '../engine/parts.ts';

/**
 * Takes all package revisions of a repository out of the API, with DELETED events, finalizers or not. Git keeps everything.
 */
export async function unregisterRepository(parts: EngineParts, namespace: string, repository: string): Promise<void> {
  const packages = new Map<string, string[]>();
  for (const served of parts.cache.revisionsOfRepository(namespace, repository)) {
    const packageName = served.fields['spec.packageName'] ?? '';
    packages.set(packageName, [...(packages.get(packageName) ?? []), served.key.name]);
  }
  await Promise.all(
    [...packages].map(([packageName, names]) => forget(parts, { namespace, repository, packageName }, names)),
  );
  const orphans = parts.cache.statesOfRepository(namespace, repository);
  await parts.store.commit({
    operations: [
      ...orphans.map(({ key }) => ({ type: 'delete' as const, key })),
      { type: 'delete', key: repositoryStateKey(namespace, repository) },
    ],
  });
}

function forget(
  parts: EngineParts,
  name: { readonly namespace: string; readonly repository: string; readonly packageName: string },
  revisions: readonly string[],
): Promise<unknown> {
  return parts.packageMutexes.run(`write:${name.namespace}/${name.repository}/${name.packageName}`, () => {
    const changes = revisions.flatMap((revision) => {
      const read = parts.cache.packageRevision(name.namespace, revision);
      const state = parts.cache.state(name.namespace, revision);
      if (read === undefined) return [];
      const base = { namespace: name.namespace, name: revision, object: null, expected: read.revision };
      return [state === undefined ? base : { ...base, state: null, expectedState: state.revision }];
    });
    return parts.store.commit({ operations: planPackageWrites(parts.cache, name, changes, timeOf(parts.clock)) });
  });
}

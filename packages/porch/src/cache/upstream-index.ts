import type { ServedObject, WatchCache } from '@porch/apiserver';
import { packageRevisions } from '../resources/group.ts';
import type { PackageRevision } from '../resources/package-revision.ts';

/** What `upstreamRef` and `newUpstreamRef` of tasks look like in JSON. */
const upstreamMember = 'pstreamRef":{';

/** Finds the package revisions that name another one as their upstream. Built when first asked, kept up to date afterwards. */
export class UpstreamIndex {
  readonly #objects: WatchCache;
  readonly #downstreams = new Map<string, Set<string>>();
  readonly #upstreams = new Map<string, readonly string[]>();
  #stop: (() => void) | undefined;

  constructor(objects: WatchCache) {
    this.#objects = objects;
  }

  /** Names of the revisions in the same namespace that were cloned from, or upgraded to, the named one. */
  downstreamsOf(namespace: string, name: string): readonly string[] {
    this.#build();
    return [...(this.#downstreams.get(`${namespace}/${name}`) ?? [])].sort();
  }

  close(): void {
    this.#stop?.();
  }

  #build(): void {
    if (this.#stop !== undefined) return;
    const { revision, items } = this.#objects.list(packageRevisions);
    for (const item of items) this.#put(item);
    this.#stop = this.#objects.watch(packageRevisions, revision, (event) => {
      this.#remove(event.object);
      if (event.type !== 'DELETED') this.#put(event.object);
    });
  }

  #put(served: ServedObject): void {
    // By far the most come from nowhere, and need not be decoded. In texts of users quotes are escaped.
    if (!served.bytes.includes(upstreamMember)) return;
    const { spec } = served.decode<PackageRevision>();
    if ((spec.revision ?? 0) < 0) return;
    const names = (spec.tasks ?? []).flatMap((task) => {
      const name = task.clone?.upstreamRef?.upstreamRef?.name ?? task.upgrade?.newUpstreamRef?.name;
      return name === undefined || name === '' ? [] : [`${served.key.namespace}/${name}`];
    });
    if (names.length === 0) return;
    this.#upstreams.set(`${served.key.namespace}/${served.key.name}`, names);
    for (const name of names) {
      const known = this.#downstreams.get(name) ?? new Set();
      this.#downstreams.set(name, known.add(served.key.name));
    }
  }

  #remove(served: ServedObject): void {
    const key = `${served.key.namespace}/${served.key.name}`;
    for (const name of this.#upstreams.get(key) ?? []) {
      const known = this.#downstreams.get(name);
      known?.delete(served.key.name);
      if (known?.size === 0) this.#downstreams.delete(name);
    }
    this.#upstreams.delete(key);
  }
}

import type { ObjectKey, ServedObject, WatchCache } from '@porch/apiserver';
import { packageRevisions, resolveDraftAnnotation } from '../resources/group.ts';
import { revisionStates } from './records.ts';

/** Told of an object that has got or lost the mark, as it is now; of one that is gone, as it was at last. */
export type MarkListener = (object: ServedObject) => void;

/**
 * Knows which objects of a resource have a mark in their bytes, without parsing any. Built when first asked, kept up to date from
 * then on.
 */
export class MarkedObjects {
  readonly #objects: WatchCache;
  readonly #resource: string;
  readonly #mark: string;
  readonly #isUnmarked: (object: ServedObject) => boolean;
  readonly #keys = new Map<string, ObjectKey>();
  readonly #listeners = new Set<MarkListener>();
  #stop: (() => void) | undefined;

  /** `isUnmarked`: tells of most objects, without a look at their bytes, that they cannot have the mark. */
  constructor(
    objects: WatchCache,
    resource: string,
    mark: string,
    isUnmarked: (object: ServedObject) => boolean = () => false,
  ) {
    this.#objects = objects;
    this.#resource = resource;
    this.#mark = mark;
    this.#isUnmarked = isUnmarked;
  }

  /** Keys of the objects that have the mark now. */
  keys(): readonly ObjectKey[] {
    this.#build();
    return [...this.#keys.values()];
  }

  has(namespace: string, name: string): boolean {
    this.#build();
    return this.#keys.has(`${namespace}/${name}`);
  }

  /** Tells of changes from now on, until the returned function is called. */
  onChange(listener: MarkListener): () => void {
    this.#build();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop?.();
  }

  #build(): void {
    if (this.#stop !== undefined) return;
    const { revision, items } = this.#objects.list(this.#resource);
    for (const item of items) this.#put(item, true);
    this.#stop = this.#objects.watch(this.#resource, revision, (event) =>
      this.#put(event.object, event.type !== 'DELETED'),
    );
  }

  #put(object: ServedObject, exists: boolean): void {
    const name = `${object.key.namespace}/${object.key.name}`;
    const marked = exists && !this.#isUnmarked(object) && object.bytes.includes(this.#mark);
    if (marked === this.#keys.has(name)) return;
    if (marked) this.#keys.set(name, object.key);
    else this.#keys.delete(name);
    for (const listener of this.#listeners) listener(object);
  }
}

/** States of revisions with a push of unknown outcome. In their bytes, texts of users have their quotes escaped. */
export function intentsIn(objects: WatchCache): MarkedObjects {
  return new MarkedObjects(objects, revisionStates, '"intent":{');
}

/** States of drafts that were changed here and in Git. */
export function conflictsIn(objects: WatchCache): MarkedObjects {
  return new MarkedObjects(objects, revisionStates, '"conflict":"');
}

/** Package revisions with the annotation that decides a conflict, or with others and one of its name in their Kptfile. */
export function decisionsIn(objects: WatchCache): MarkedObjects {
  return new MarkedObjects(objects, packageRevisions, `"${resolveDraftAnnotation}":"`, ({ isPlain }) => isPlain);
}

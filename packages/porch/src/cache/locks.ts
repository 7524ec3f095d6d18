/** Locks by name. Entries exist only while somebody holds or waits for them. */
import type { Precondition } from '@porch/apiserver';

/** Lets go of a lock. Never rejects. */
export type Release = () => Promise<void>;

/**
 * One writer for each package revision, in all processes that share the store: whoever comes second is told so at once. Turns at branches
 * are locks of the same kind, without a namespace.
 */
export interface RevisionLocks {
  /**
   * Undefined when somebody else holds the lock. Where the store is shared, the cache has been brought up to date when this resolves.
   * @throws StoreUnavailableError
   */
  tryAcquire(namespace: string, name: string): Promise<Release | undefined>;

  /** Whether another process holds the lock, as far as is known here. */
  heldElsewhere(namespace: string, name: string): boolean;

  /** What holds in the store for as long as no other process takes the lock; empty where there is none. */
  notElsewhere(namespace: string, name: string): readonly Precondition[];
}

/** Locks of this process alone. */
export class LocalLocks implements RevisionLocks {
  readonly #held = new Set<string>();

  async tryAcquire(namespace: string, name: string): Promise<Release | undefined> {
    const key = `${namespace}/${name}`;
    if (this.#held.has(key)) return undefined;
    this.#held.add(key);
    return async () => {
      this.#held.delete(key);
    };
  }

  /** Whether this process holds the lock, or is about to. */
  holds(namespace: string, name: string): boolean {
    return this.#held.has(`${namespace}/${name}`);
  }

  heldElsewhere(): boolean {
    return false;
  }

  notElsewhere(): readonly Precondition[] {
    return [];
  }
}

/** Exclusive locks that are waited for, first come first served. */
export class Mutexes {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` when everyone before has finished. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name);
    const { promise: tail, resolve: release } = Promise.withResolvers<void>();
    this.#tails.set(name, tail);
    await before;
    try {
      return await work();
    } finally {
      if (this.#tails.get(name) === tail) this.#tails.delete(name);
      release();
    }
  }
}

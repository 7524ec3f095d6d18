/** Locks by name. Entries exist only while somebody holds or waits for them. */

/** Exclusive locks that are taken at once or not at all. */
export class TryLocks {
  readonly #held = new Set<string>();

  /** The function that lets go, or undefined when somebody else holds the lock. */
  tryAcquire(name: string): (() => void) | undefined {
    if (this.#held.has(name)) return undefined;
    this.#held.add(name);
    return () => {
      this.#held.delete(name);
    };
  }
}

/** Exclusive locks that are waited for, first come first served. */
export class Mutexes {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` when everyone before has finished. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name);
    let release: () => void = () => undefined;
    const tail = new Promise<void>((resolve) => {
      release = resolve;
    });
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

import type { RevisionState } from '../cache/records.ts';
import { GitError } from '../git/types.ts';
import { MirrorBatch } from './mirror-batch.ts';
import type { MirrorBacklog, MirrorQueueOptions } from './mirror-queue.ts';
import type { MirroredRevision } from './wanted-references.ts';

/** Most revisions in one push. */
const batchSize = 64;

export interface RepositoryQueueOptions extends MirrorQueueOptions {
  needed(name: string, state: RevisionState): boolean;
  revision(name: string): MirroredRevision | undefined;
}

interface Waiting {
  /** Number of failed attempts so far. */
  failures: number;
  /** Not before this time, in milliseconds since the epoch. */
  due: number;
  since: Date;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** The queue of one repository: a loop that takes what is due, pushes it, and waits. */
export class RepositoryQueue {
  readonly #namespace: string;
  readonly #repository: string;
  readonly #options: RepositoryQueueOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #held = new Map<string, number>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  #inFlight: { readonly names: ReadonlySet<string>; readonly done: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #error: string | undefined;
  #closed = false;

  constructor(namespace: string, repository: string, options: RepositoryQueueOptions) {
    this.#namespace = namespace;
    this.#repository = repository;
    this.#options = options;
  }

  add(name: string): void {
    if (this.#closed) return;
    const now = this.#options.clock();
    const known = this.#waiting.get(name);
    if (known === undefined)
      this.#waiting.set(name, { failures: 0, due: now.getTime() + this.#options.gatherMs, since: now });
    this.#schedule();
  }

  /** Nothing is left to do for a revision. */
  settle(name: string): void {
    this.#waiting.delete(name);
    for (const waiter of this.#waiters.get(name) ?? []) waiter.resolve();
    this.#waiters.delete(name);
  }

  async mirrored(name: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.add(name);
    const known = this.#waiting.get(name);
    if (known !== undefined) known.due = 0;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { resolve, reject };
    const waiters = this.#waiters.get(name) ?? new Set();
    this.#waiters.set(name, waiters.add(waiter));
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#schedule();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      waiters.delete(waiter);
    }
  }

  async hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    try {
      while (this.#inFlight?.names.has(name) === true) await this.#inFlight.done;
      return await work();
    } finally {
      const holders = (this.#held.get(name) ?? 1) - 1;
      if (holders === 0) this.#held.delete(name);
      else this.#held.set(name, holders);
      this.#schedule();
    }
  }

  backlog(): MirrorBacklog {
    let oldest: Date | undefined;
    for (const { since } of this.#waiting.values()) if (oldest === undefined || since < oldest) oldest = since;
    return { waiting: this.#waiting.size, oldest, error: this.#waiting.size === 0 ? undefined : this.#error };
  }

  retry(): void {
    for (const waiting of this.#waiting.values()) waiting.due = 0;
    this.#schedule();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#inFlight?.done;
    for (const waiters of this.#waiters.values()) {
      for (const waiter of waiters) waiter.reject(new Error('the server is shutting down'));
    }
  }

  #schedule(): void {
    if (this.#closed || this.#inFlight !== undefined) return;
    clearTimeout(this.#timer);
    let due: number | undefined;
    for (const [name, waiting] of this.#waiting) {
      if (!this.#held.has(name) && (due === undefined || waiting.due < due)) due = waiting.due;
    }
    if (due === undefined) return;
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, due - this.#options.clock().getTime()));
    this.#timer.unref();
  }

  #begin(): void {
    if (this.#closed || this.#inFlight !== undefined) return;
    const now = this.#options.clock().getTime();
    const names: string[] = [];
    for (const [name, waiting] of this.#waiting) {
      if (!this.#held.has(name) && waiting.due <= now && names.length < batchSize) names.push(name);
    }
    if (names.length === 0) {
      this.#schedule();
      return;
    }
    const done = this.#push(names).finally(() => {
      this.#inFlight = undefined;
      this.#schedule();
    });
    this.#inFlight = { names: new Set(names), done };
  }

  async #push(names: readonly string[]): Promise<void> {
    const failures = new Map<string, string>();
    try {
      const git = await this.#options.repositories.open(this.#namespace, this.#repository);
      const batch = new MirrorBatch(git, this.#options);
      for (const [name, reason] of await batch.push(names)) failures.set(name, reason);
      this.#error = failures.values().next().value;
    } catch (error) {
      const reason = error instanceof GitError ? `${error.message}. ${error.advice}` : String(error);
      this.#error = reason;
      for (const name of names) failures.set(name, reason);
      this.#options.logger.warn(
        { err: error, namespace: this.#namespace, repository: this.#repository, revisions: names.length },
        'drafts could not be pushed; will try again',
      );
    }
    for (const name of names) this.#conclude(name, failures.get(name));
  }

  #conclude(name: string, failure: string | undefined): void {
    const waiting = this.#waiting.get(name);
    const state = this.#options.cache.state(this.#namespace, name)?.value;
    const left = state !== undefined && this.#options.needed(name, state);
    if (!left) {
      this.#waiting.delete(name);
      for (const waiter of this.#waiters.get(name) ?? []) {
        if (state?.conflict === undefined) waiter.resolve();
        else
          waiter.reject(
            new GitError('Rejected', failure ?? 'the draft was changed in Git', 'Decide which side to keep.'),
          );
      }
      this.#waiters.delete(name);
      return;
    }
    const failed = (waiting?.failures ?? 0) + (failure === undefined ? 0 : 1);
    const { first, most } = this.#options.retryMs;
    const delay = failure === undefined ? 0 : Math.min(most, first * 2 ** (failed - 1));
    this.#waiting.set(name, {
      failures: failure === undefined ? 0 : failed,
      due: this.#options.clock().getTime() + delay,
      since: waiting?.since ?? this.#options.clock(),
    });
    if (failure === undefined) return;
    for (const waiter of this.#waiters.get(name) ?? [])
      waiter.reject(new GitError('Other', failure, 'It will be tried again.'));
    this.#waiters.delete(name);
  }
}

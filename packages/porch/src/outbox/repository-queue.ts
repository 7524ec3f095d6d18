import { type Counter, type Store, statusErrors } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { RevisionState } from '../cache/records.ts';
import { GitError } from '../git/types.ts';
import { resolveDraftAnnotation } from '../resources/group.ts';
import { MirrorBatch } from './mirror-batch.ts';
import type { MirrorQueueOptions, QueueBacklog } from './mirror-queue.ts';
import { isDeclined, isOfAllTogether, mayBeOnesFault } from './push-failures.ts';
import { repositoryLease } from './sharing/ownership.ts';
import type { MirroredRevision } from './wanted-references.ts';

/** Most revisions in one push. */
const batchSize = 64;

/**
 * How many times as long as a push took nothing is pushed after it, so that what changes again and again meanwhile shares the next
 * one; at most so many milliseconds. Whoever waits, and a full batch, go at once.
 */
const rest = { times: 3, mostMs: 1000 };

/** So many of several that were refused together are tried alone at first. */
const mostRefusedAlone = 4;

/** What the mirror queue is made of, and what one queue knows of its repository. */
export interface RepositoryQueueOptions extends MirrorQueueOptions {
  /** Counts revisions that were to be brought to Git. */
  readonly pushed: Counter<'outcome'>;
  needed(name: string, state: RevisionState): boolean;
  revision(name: string): MirroredRevision | undefined;
}

interface Waiting {
  /** Number of failed attempts so far. */
  failures: number;
  /** Not before this time, by `performance.now()`, which nobody can put back as the clock; 0: at once, without a rest. */
  due: number;
  since: Date;
  /** Why the last attempt failed. */
  error?: string;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** What a draft's branch in Git not being ours means to whoever waits for it. */
export function changedInGit(name: string): GitError {
  return new GitError(
    'Rejected',
    `the branch of ${name} was changed in Git since it was last pushed from here`,
    `Annotate the package revision with ${resolveDraftAnnotation}: ours to keep what is here, theirs to take what is in Git.`,
  );
}

function notYet(name: string): GitError {
  return new GitError(
    'Other',
    `${name} has not been pushed yet by the server that looks after its repository`,
    'The Repository says what waits.',
  );
}

/** The queue of one repository: a loop that takes what is due, pushes it, and waits. */
export class RepositoryQueue {
  readonly namespace: string;
  readonly repository: string;
  readonly #options: RepositoryQueueOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #held = new Map<string, number>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  #inFlight: { readonly names: ReadonlySet<string>; readonly done: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduling = false;
  #restUntil = 0;
  /** How often several were pushed one by one. */
  #rounds = 0;
  #store: Store | undefined;
  #closed = false;

  constructor(namespace: string, repository: string, options: RepositoryQueueOptions) {
    this.namespace = namespace;
    this.repository = repository;
    this.#options = options;
    if (options.ownership.sole) this.#store = options.store;
  }

  /** Pushes from now on, with what this store lets be written down. */
  activate(store: Store): void {
    this.#store = store;
    this.#schedule();
  }

  /** Pushes no more; resolves when nothing is under way. */
  async deactivate(): Promise<void> {
    this.#store = undefined;
    clearTimeout(this.#timer);
    await this.#inFlight?.done;
  }

  /** Something about a revision has changed that may have kept it from being pushed. */
  reconsider(name: string): void {
    if (this.#waiting.has(name)) this.#schedule();
  }

  /** `since`: when what is left to do was left, if that was not now. */
  add(name: string, since?: Date): void {
    if (this.#closed) return;
    if (!this.#waiting.has(name)) {
      const due = performance.now() + this.#options.gatherMs;
      this.#waiting.set(name, { failures: 0, due, since: since ?? this.#options.clock() });
    }
    this.#schedule();
  }

  /** Whether a revision waits here, or somebody waits for it. */
  knows(name: string): boolean {
    return this.#waiting.has(name) || this.#waiters.has(name);
  }

  /** Whether nothing waits here, and nobody. */
  get idle(): boolean {
    const known = this.#waiting.size + this.#waiters.size + this.#held.size;
    return known === 0 && this.#inFlight === undefined;
  }

  /** Nothing is left to do for a revision, or nothing can be done until somebody decides. */
  settle(name: string, refusal?: Error): void {
    this.#waiting.delete(name);
    for (const waiter of this.#waiters.get(name) ?? []) {
      if (refusal === undefined) waiter.resolve();
      else waiter.reject(refusal);
    }
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
    const late = setTimeout(() => {
      if (this.#store === undefined) reject(notYet(name));
    }, this.#elsewhereMs);
    this.#schedule();
    try {
      await promise;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiters.get(name) === waiters) this.#waiters.delete(name);
    }
  }

  async hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    try {
      while (this.#inFlight?.names.has(name) === true) await this.#inFlight.done;
      await this.#pushedElsewhere(name);
      return await work();
    } finally {
      const holders = (this.#held.get(name) ?? 1) - 1;
      if (holders === 0) this.#held.delete(name);
      else this.#held.set(name, holders);
      this.#schedule();
    }
  }

  get #elsewhereMs(): number {
    return this.#options.elsewhereMs ?? 10_000;
  }

  /** Waits while the process that holds the repository's lease pushes the revision. If that dies, what it did is found out by asking. */
  async #pushedElsewhere(name: string): Promise<void> {
    const { cache, ownership } = this.#options;
    const late = AbortSignal.timeout(this.#elsewhereMs);
    const lease = repositoryLease(this.namespace, this.repository);
    while (cache.state(this.namespace, name)?.value.pushing !== undefined && ownership.isElsewhere(lease)) {
      try {
        await cache.objects.reached(cache.revision + 1, late);
      } catch (error) {
        throw statusErrors.serviceUnavailable(
          `the branches of ${name} are being pushed to Git by another server; try again`,
          { cause: error },
        );
      }
    }
  }

  backlog(): QueueBacklog {
    let oldest: Date | undefined;
    let stuck: Waiting | undefined;
    for (const waiting of this.#waiting.values()) {
      if (oldest === undefined || waiting.since < oldest) oldest = waiting.since;
      if (waiting.error !== undefined && (stuck === undefined || waiting.since < stuck.since)) stuck = waiting;
    }
    return { waiting: this.#waiting.size, oldest, error: stuck?.error };
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

  /** Many are added at once, above all at a start: what is due is looked for when they all are there. */
  #schedule(): void {
    if (this.#scheduling) return;
    this.#scheduling = true;
    queueMicrotask(() => {
      this.#scheduling = false;
      this.#setTimer();
    });
  }

  #setTimer(): void {
    if (this.#closed || this.#store === undefined || this.#inFlight !== undefined) return;
    clearTimeout(this.#timer);
    let due: number | undefined;
    let count = 0;
    for (const [name, waiting] of this.#waiting) {
      if (this.#isHeld(name)) continue;
      count++;
      if (due === undefined || waiting.due < due) due = waiting.due;
    }
    if (due === undefined) return;
    const begin = due === 0 || count >= batchSize ? due : Math.max(due, this.#restUntil);
    this.#timer = setTimeout(() => this.#begin(), Math.max(0, begin - performance.now()));
    this.#timer.unref();
  }

  /** A revision that is held is looked at again when it is let go. What became of an earlier push is found out in any case. */
  #isHeld(name: string): boolean {
    if (this.#held.has(name)) return true;
    const { cache, locks } = this.#options;
    return locks.heldElsewhere(this.namespace, name) && cache.state(this.namespace, name)?.value.pushing === undefined;
  }

  #begin(): void {
    const store = this.#store;
    if (this.#closed || store === undefined || this.#inFlight !== undefined) return;
    const now = performance.now();
    const names: string[] = [];
    for (const [name, waiting] of this.#waiting) {
      if (!this.#isHeld(name) && waiting.due <= now && names.length < batchSize) names.push(name);
    }
    if (names.length === 0) {
      this.#schedule();
      return;
    }
    const { tracing } = this.#options;
    const where = { 'porch.namespace': this.namespace, 'porch.repository': this.repository };
    const attributes = { ...where, 'porch.revisions': names.length };
    const done = tracing
      .apart('push drafts', attributes, () => this.#push(store, names))
      .finally(() => {
        this.#inFlight = undefined;
        const ended = performance.now();
        this.#restUntil = ended + Math.min(rest.mostMs, rest.times * (ended - now));
        this.#schedule();
      });
    this.#inFlight = { names: new Set(names), done };
  }

  async #push(store: Store, names: readonly string[]): Promise<void> {
    const failures = new Map<string, string>();
    try {
      const git = await this.#options.repositories.open(this.namespace, this.repository);
      await this.#pushBatch(store, git, names, failures);
    } catch (error) {
      this.#failed(names, error, failures);
    }
    if (names.length > failures.size) this.#options.pushed.add({ outcome: 'ok' }, names.length - failures.size);
    if (failures.size > 0) this.#options.pushed.add({ outcome: 'failed' }, failures.size);
    for (const name of names) this.#conclude(name, failures.get(name));
  }

  async #pushBatch(
    store: Store,
    git: GitRepository,
    names: readonly string[],
    failures: Map<string, string>,
  ): Promise<void> {
    const batch = new MirrorBatch(git, { ...this.#options, store });
    try {
      const refused = await batch.push(names);
      for (const [name, reason] of refused) failures.set(name, reason);
      if (refused.size > 1 && [...refused.values()].every(isOfAllTogether)) {
        await this.#pushEach(store, git, [...refused.keys()], refused.values().next().value, failures);
        return;
      }
      const declined = [...refused].filter(([, reason]) => isDeclined(reason)).map(([name]) => name);
      await this.#pushLastVersions(batch, declined, failures);
    } catch (error) {
      if (names.length > 1 && mayBeOnesFault(error)) {
        await this.#pushEach(store, git, names, error, failures);
        return;
      }
      this.#failed(names, error, failures);
      if (error instanceof GitError && error.errorClass === 'TooLarge') {
        await this.#pushLastVersions(batch, names, failures);
      }
    }
  }

  /** Pushes what was refused without the versions in between: what the remote does not want may have been taken out since. */
  async #pushLastVersions(batch: MirrorBatch, names: readonly string[], failures: Map<string, string>): Promise<void> {
    const pendingOf = (name: string) => this.#options.cache.state(this.namespace, name)?.value.pending ?? [];
    const several = names.filter((name) => pendingOf(name).length > 1);
    if (several.length === 0) return;
    try {
      const refused = await batch.push(several, { lastVersionOnly: true });
      for (const name of several) {
        const reason = refused.get(name);
        if (reason === undefined) failures.delete(name);
        else failures.set(name, reason);
      }
    } catch (error) {
      this.#failed(several, error, failures);
    }
  }

  /**
   * Pushes one after the other what failed together for a reason. Where the remote has refused them (they are in `failures`), and refuses
   * the first ones alone as well, it may refuse whatever comes: the others wait, and are the first ones another time.
   */
  async #pushEach(
    store: Store,
    git: GitRepository,
    names: readonly string[],
    reason: unknown,
    failures: Map<string, string>,
  ): Promise<void> {
    const first = (this.#rounds++ * mostRefusedAlone) % names.length;
    let refused = 0;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      if (this.#closed || this.#store !== store) this.#failed([name], reason, failures);
      else if (refused < mostRefusedAlone || !failures.has(name)) {
        failures.delete(name);
        await this.#pushBatch(store, git, [name], failures);
        refused = failures.has(name) ? refused + 1 : Number.NEGATIVE_INFINITY;
      }
    }
  }

  #failed(names: readonly string[], error: unknown, failures: Map<string, string>): void {
    const explained = error instanceof GitError;
    const reason = explained ? error.explanation : String(error);
    for (const name of names) failures.set(name, reason);
    // Where the code was in the moment helps nobody whose remote cannot be pushed to.
    const cause = explained ? { reason } : { err: error };
    this.#options.logger.warn(
      { ...cause, namespace: this.namespace, repository: this.repository, revisions: names.length },
      'drafts could not be pushed; will try again',
    );
  }

  #conclude(name: string, failure: string | undefined): void {
    const waiting = this.#waiting.get(name);
    const state = this.#options.cache.state(this.namespace, name)?.value;
    const left = state !== undefined && this.#options.needed(name, state);
    if (!left) {
      this.settle(name, state?.conflict === undefined ? undefined : changedInGit(name));
      return;
    }
    const failed = (waiting?.failures ?? 0) + (failure === undefined ? 0 : 1);
    const { first, most } = this.#options.retryMs;
    const delay = failure === undefined ? 0 : Math.min(most, first * 2 ** (failed - 1));
    const atOnce = failure === undefined && this.#waiters.has(name);
    this.#waiting.set(name, {
      failures: failure === undefined ? 0 : failed,
      due: atOnce ? 0 : performance.now() + delay,
      since: waiting?.since ?? this.#options.clock(),
      ...(failure !== undefined && { error: failure }),
    });
    if (failure === undefined) return;
    for (const waiter of this.#waiters.get(name) ?? [])
      waiter.reject(new GitError('Other', failure, 'It will be tried again.'));
    this.#waiters.delete(name);
  }
}

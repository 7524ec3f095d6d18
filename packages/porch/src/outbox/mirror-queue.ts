import type { Change, Counter, Metrics, Store, Tracing } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import type { ContentStore } from '../cache/content-store.ts';
import type { GitRepositories } from '../cache/git-repositories.ts';
import type { RevisionLocks } from '../cache/locks.ts';
import type { MarkedObjects } from '../cache/marked-objects.ts';
import { type RevisionState, recordOf, revisionLocks, revisionStates } from '../cache/records.ts';
import type { RevisionCache } from '../cache/revision-cache.ts';
import { packageRevisions } from '../resources/group.ts';
import { measureOutbox } from './outbox-metrics.ts';
import { changedInGit, RepositoryQueue } from './repository-queue.ts';
import type { Ownership } from './sharing/ownership.ts';
import { needsMirroring, type PushDrafts } from './wanted-references.ts';

/** What is mirrored, how, and when. */
export interface MirrorQueueOptions {
  readonly cache: RevisionCache;
  /** States of drafts that were changed here and in Git. */
  readonly conflicts: MarkedObjects;
  readonly store: Store;
  readonly repositories: GitRepositories;
  readonly contents: ContentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly mode: PushDrafts;
  readonly metrics: Metrics;
  readonly tracing: Pick<Tracing, 'apart'>;
  /** How long a change waits for others to share its push, in milliseconds. */
  readonly gatherMs: number;
  /** Bounds of the delay between attempts after a failure, in milliseconds. */
  readonly retryMs: { readonly first: number; readonly most: number };
  readonly locks: RevisionLocks;
  /** Decides which repositories' pushes belong to this process. */
  readonly ownership: Ownership;
  /** How long a write waits for another process's push of the same revision, in milliseconds. Default: 10 000. */
  readonly elsewhereMs?: number;
}

/** What of a repository is not in Git yet. */
export interface MirrorBacklog {
  /** Revisions that are on their way, or tried again. */
  readonly waiting: number;
  /** Revisions that wait for somebody to decide, because they were changed in Git too. */
  readonly disputed: number;
  /** When the oldest change that waits or is disputed was made; not later, where that is not known. */
  readonly oldest: Date | undefined;
  /** Why the last attempt failed, of what has waited longest among what failed; undefined where nothing did. */
  readonly error: string | undefined;
  /** Whether drafts are brought to Git at all before they are published. */
  readonly mirrors: boolean;
}

/** The same without what the queue of one repository does not know. */
export type QueueBacklog = Omit<MirrorBacklog, 'disputed' | 'mirrors'>;

/**
 * How long ago something that a start finds was left, in milliseconds, where nothing says it: longer than what is pushed at once waits.
 * Nobody may take it for a change that has only just been made.
 */
const leftOverMs = 60_000;

/** When the first of a revision's commits that Git does not have was made. */
function pendingSince({ pending: [first] }: RevisionState): Date | undefined {
  return first === undefined ? undefined : new Date(first.time);
}

/**
 * Brings the branches of drafts, proposals and proposed deletions to what the store says, in the background, one queue a
 * repository. On a shared store only one process does that for a repository, while it holds its lease: between `activate` and
 * `deactivate`; in the others a queue only knows what is left, for those who wait. Several revisions share a push, none waits for
 * another's failure. Never changes a package revision.
 *
 * What is left to do is found from the store at the start and from its changes afterwards, so nothing is lost by a crash: commits
 * are reproducible, and a push whose answer was lost is simply found done.
 */
export class MirrorQueue {
  readonly #options: MirrorQueueOptions;
  readonly #queues = new Map<string, RepositoryQueue>();
  readonly #active = new Map<string, Store>();
  readonly #stopListening: () => void;
  readonly #pushed: Counter<'outcome'>;

  constructor(options: MirrorQueueOptions) {
    this.#options = options;
    this.#pushed = measureOutbox(this, options.clock, options.metrics);
    this.#stopListening = options.store.onCommit((changes) => this.#noticeChanges(changes));
  }

  /** Queues everything that is left to do from before. */
  start(): void {
    const leftOver = new Date(this.#options.clock().getTime() - leftOverMs);
    for (const { key, value } of this.#options.cache.statesToLookAt()) {
      this.#notice(key.namespace, key.name, value, pendingSince(value) ?? leftOver);
    }
  }

  /** Lets pushes to a repository begin; `store` refuses what comes after the lease. */
  activate(namespace: string, repository: string, store: Store): void {
    this.#active.set(`${namespace}/${repository}`, store);
    this.#queues.get(`${namespace}/${repository}`)?.activate(store);
  }

  /** Begins no more pushes to a repository, and waits for the one that is under way. */
  async deactivate(namespace: string, repository: string): Promise<void> {
    this.#active.delete(`${namespace}/${repository}`);
    await this.#queues.get(`${namespace}/${repository}`)?.deactivate();
  }

  /** A repository is not registered any more, and has been deactivated where it was active. */
  forget(namespace: string, repository: string): void {
    const key = `${namespace}/${repository}`;
    if (this.#queues.get(key)?.idle === true) this.#queues.delete(key);
  }

  /** How many repositories there is something to remember of. */
  get size(): number {
    return this.#queues.size;
  }

  /**
   * Resolves when the revision is in Git as the store has it (at once when there is nothing to do); rejects with what keeps it
   * from getting there, or the signal's reason.
   */
  async mirrored(namespace: string, name: string, signal: AbortSignal): Promise<void> {
    const state = this.#options.cache.state(namespace, name);
    if (state?.value.conflict !== undefined) throw changedInGit(name);
    if (state === undefined || !this.#needed(namespace, name, state.value)) return;
    await this.#queue(namespace, state.value.repository).mirrored(name, signal);
  }

  /**
   * Runs `work` while no push of this revision's branches is under way, and none begins. What the store knows of its references is
   * then all there is to know. On a shared store the caller holds the revision's lock, which keeps other processes from beginning a push.
   * @throws StatusError 503 when another process's push of this revision does not end in time
   */
  async hold<T>(namespace: string, repository: string, name: string, work: () => Promise<T>): Promise<T> {
    return this.#queue(namespace, repository).hold(name, work);
  }

  /** What waits, for the Repository's condition. */
  backlog(namespace: string, repository: string): MirrorBacklog {
    const queue = this.#queues.get(`${namespace}/${repository}`)?.backlog();
    let oldest = queue?.oldest;
    let disputed = 0;
    for (const key of this.#options.conflicts.keys()) {
      const state = key.namespace === namespace ? this.#options.cache.state(namespace, key.name)?.value : undefined;
      if (state?.repository !== repository) continue;
      disputed++;
      const since = pendingSince(state);
      if (since !== undefined && (oldest === undefined || since < oldest)) oldest = since;
    }
    const mirrors = this.#options.mode !== 'off';
    return { waiting: queue?.waiting ?? 0, disputed, oldest, error: queue?.error, mirrors };
  }

  /** What waits, of every repository for which something does. */
  *backlogs(): Generator<QueueBacklog & { readonly namespace: string; readonly repository: string }> {
    for (const queue of this.#queues.values()) {
      const backlog = queue.backlog();
      if (backlog.waiting > 0) yield { ...backlog, namespace: queue.namespace, repository: queue.repository };
    }
  }

  /** Tries again at once, for instance when a Repository or its Secret has changed. */
  retry(namespace: string, repository: string): void {
    this.#queues.get(`${namespace}/${repository}`)?.retry();
  }

  /** Lets pushes that have begun finish, and begins no more. What is left waits in the store. */
  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }

  #noticeChanges(changes: readonly Change[]): void {
    // A revision and its state mostly change together.
    const noticed = new Set<string>();
    for (const change of changes) {
      const { resource, namespace, name } = change.object.key;
      if (resource !== revisionStates && resource !== packageRevisions && resource !== revisionLocks) continue;
      if (noticed.has(`${namespace}/${name}`) || this.#isNoConcern(namespace, name)) continue;
      const state = this.#options.cache.state(namespace, name);
      if (state === undefined) {
        if (change.type === 'delete' && resource === packageRevisions) this.#forget(namespace, name);
        if (resource !== revisionStates) continue;
        const { repository } = recordOf<RevisionState>(change.object);
        this.#queues.get(`${namespace}/${repository}`)?.settle(name);
      } else if (resource === revisionLocks)
        this.#queues.get(`${namespace}/${state.value.repository}`)?.reconsider(name);
      else {
        this.#notice(namespace, name, state.value);
        noticed.add(`${namespace}/${name}`);
      }
    }
  }

  /** Of the many revisions that a synchronisation finds most are published, and no queue knows them: they are not decoded for this. */
  #isNoConcern(namespace: string, name: string): boolean {
    const { cache } = this.#options;
    const lifecycle = cache.summary(namespace, name)?.lifecycle;
    if (lifecycle !== 'Published' || cache.isStateStored(namespace, name)) return false;
    return this.#knowing(namespace, name).next().done === true;
  }

  /** A revision has gone, and its state was not stored: nothing else says whose it was. */
  #forget(namespace: string, name: string): void {
    for (const queue of this.#knowing(namespace, name)) queue.settle(name);
  }

  *#knowing(namespace: string, name: string): Generator<RepositoryQueue> {
    for (const queue of this.#queues.values()) if (queue.namespace === namespace && queue.knows(name)) yield queue;
  }

  #notice(namespace: string, name: string, state: RevisionState, since?: Date): void {
    if (this.#needed(namespace, name, state)) this.#queue(namespace, state.repository).add(name, since);
    else {
      const refusal = state.conflict === undefined ? undefined : changedInGit(name);
      this.#queues.get(`${namespace}/${state.repository}`)?.settle(name, refusal);
    }
  }

  #needed(namespace: string, name: string, state: RevisionState): boolean {
    const { cache, mode } = this.#options;
    return needsMirroring(state, cache.summary(namespace, name), mode);
  }

  #queue(namespace: string, repository: string): RepositoryQueue {
    const key = `${namespace}/${repository}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new RepositoryQueue(namespace, repository, {
        ...this.#options,
        pushed: this.#pushed,
        needed: (name, state) => this.#needed(namespace, name, state),
        revision: (name) => this.#options.cache.summary(namespace, name),
      });
      const active = this.#active.get(key);
      if (active !== undefined) queue.activate(active);
      this.#queues.set(key, queue);
    }
    return queue;
  }
}

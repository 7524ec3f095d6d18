import type { Histogram, Tracing } from '@porch/apiserver';
import type { Logger } from 'pino';
import { UnsupportedError } from '../cache/git-repositories.ts';
import type { EngineParts } from '../engine/parts.ts';
import type { DiscoveryMemories } from '../git/discovery-memories.ts';
import { RETRY_INTERVAL_MS } from '../git/errors.ts';
import { GitError } from '../git/types.ts';
import { LeaseLostError } from '../outbox/sharing/ownership.ts';
import { longestTimerMs } from '../resources/duration.ts';
import type { Repository } from '../resources/repository.ts';
import { observedUpdate } from './observed-update.ts';
import { type RegistrationOrder, RepositoryConflictError } from './registration-order.ts';
import {
  conditionsAt,
  failureText,
  saysRefsVanished,
  statusAfterFailure,
  statusAfterSync,
  statusWhileWaiting,
} from './repository-conditions.ts';
import { type RepositoryEvents, unreadableKptfiles } from './repository-events.ts';
import type { RunLimit } from './run-limit.ts';
import { nextSync, regularSync, wishedSync, withoutRunOnceAt } from './schedule.ts';
import { RefsVanishedError } from './sync/report.ts';
import { type SyncMemory, syncRepository } from './sync/sync-repository.ts';
import type { SyncHistory } from './sync-metrics.ts';

/** How soon to look again at what was being written during a synchronisation. */
const leftRetryMs = 5_000;

/** How soon to look again at a repository that is on its way out, and is not synchronised for that reason. */
const goingRetryMs = 5_000;

/**
 * How long a first synchronisation may take before the Repository says that it is being read, in milliseconds. Most are done sooner, and
 * whoever has just registered one may change it without finding it changed.
 */
const quickMs = 1_000;

/** How long to wait with what is not built: nothing but a change helps, and that is looked at by itself. */
const unsupportedRetryMs = 600_000;

/** The part of a spec whose change asks for a synchronisation. */
function actionable(object: Repository): string {
  const { sync: _, description: __, ...rest } = object.spec;
  return JSON.stringify(rest);
}

/** Which repository is kept synchronised, and what all managers share. */
export interface SyncManagerOptions {
  readonly parts: EngineParts;
  readonly namespace: string;
  readonly name: string;
  /** Shared by all managers. */
  readonly learned: DiscoveryMemories;
  /** Shared by all managers: how many repositories are synchronised at once. */
  readonly limit: RunLimit;
  /** Milliseconds between two synchronisations of a repository without a schedule of its own. */
  readonly frequencyMs: number;
  /** Between 0 and 1; spreads repositories over time. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly events: RepositoryEvents;
  /** Durations, with how each ended. */
  readonly seconds: Histogram<'outcome'>;
  readonly tracing: Pick<Tracing, 'apart'>;
  readonly order: Pick<RegistrationOrder, 'conflictOf'>;
}

/**
 * Keeps one repository synchronised: at once when it appears or changes, then by its schedule, and again after a failure when that kind
 * of failure is worth another try. One synchronisation at a time; what is asked for meanwhile follows.
 */
export class SyncManager {
  readonly #options: SyncManagerOptions;
  readonly #memory: SyncMemory;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** What was learned last is being written down. Never rejects. */
  #saving: Promise<void> = Promise.resolve();
  /** That the repository is being read for the first time is being written down. Never rejects. */
  #saying: Promise<void> = Promise.resolve();
  #again = false;
  #failures = 0;
  /** The remote did not answer in time when it was asked last. */
  #timedOut = false;
  /** When to try again whatever the schedule says; milliseconds since the epoch. */
  #retryAt: number | undefined;
  /** When the last synchronisation began; milliseconds since the epoch. */
  #begunAt = 0;
  /** The `runOnceAt` that the last synchronisation was to carry out. */
  #wish: string | undefined;
  #specSeen = '';
  /** Moves the next synchronisation by the same amount whenever its time is asked for. */
  #spread = 0.5;
  #succeededAt: number | undefined;

  constructor(options: SyncManagerOptions) {
    this.#options = options;
    this.#memory = { learned: options.learned, known: undefined, skipped: undefined };
  }

  /** How things have gone. */
  get history(): SyncHistory {
    const { namespace, name } = this.#options;
    return { namespace, name, succeededAt: this.#succeededAt, failures: this.#failures };
  }

  /** Tells the manager what the Repository says now; what matters to it starts a synchronisation or moves the next one. */
  observe(object: Repository): void {
    const seen = actionable(object);
    if (seen !== this.#specSeen) {
      this.#specSeen = seen;
      this.#failures = 0;
      this.trigger();
      return;
    }
    this.#schedule();
    if (object.metadata.generation !== object.status?.observedGeneration) this.#acknowledge();
  }

  /** Synchronises now, or once more when a synchronisation is under way. */
  trigger(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    const { signal } = this.#stop;
    this.#running = this.#options.limit
      .run(() => this.#traced(), { expectedSlow: this.#timedOut, signal })
      .catch((error: unknown) => {
        // It need not wait for its turn any more; nothing else is thrown.
        if (!signal.aborted) throw error;
      })
      .then(() => {
        this.#running = undefined;
        if (this.#again) {
          this.#again = false;
          this.trigger();
        } else this.#schedule();
      });
  }

  /** Ends a synchronisation that is under way, and begins no more. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('synchronisation stopped'));
    clearTimeout(this.#timer);
    await this.#running;
    await Promise.all([this.#saving, this.#saying]);
  }

  #traced(): Promise<void> {
    const { tracing, namespace, name } = this.#options;
    const where = { 'porch.namespace': namespace, 'porch.repository': name };
    return tracing.apart('synchronise repository', where, () => this.#run());
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { parts, namespace, name, logger } = this.#options;
    const object = parts.registrations.get(namespace, name);
    this.#retryAt = undefined;
    if (object === undefined || this.#isGoing(object) || this.#stop.signal.aborted) return;
    this.#begunAt = parts.clock().getTime();
    this.#spread = this.#options.random();
    const runOnceAt = object.spec.sync?.runOnceAt;
    const asked = runOnceAt !== undefined && Date.parse(runOnceAt) <= this.#begunAt;
    this.#wish = asked ? runOnceAt : undefined;
    let slow: NodeJS.Timeout | undefined;
    try {
      const conflict = this.#options.order.conflictOf(object);
      if (conflict !== undefined) throw conflict;
      if (!parts.cache.isRepositoryRead(namespace, name)) {
        slow = setTimeout(() => this.#sayReading(), quickMs);
      }
      const git = await parts.repositories.of(object);
      const report = await syncRepository(parts, git, this.#memory, {
        signal: this.#stop.signal,
        acceptVanished: asked && saysRefsVanished(object),
      });
      this.#failures = 0;
      this.#timedOut = false;
      this.#succeededAt = parts.clock().getTime();
      this.#measure(report.changed > 0 ? 'changed' : 'unchanged');
      const backlog = parts.queue.backlog(namespace, name);
      await this.#update(report.changed > 0, (current) => {
        const done = asked ? withoutRunOnceAt(current, runOnceAt) : current;
        const observed = observedGeneration(object, current, done);
        return this.#withNext({ ...done, status: statusAfterSync(done, observed, report, backlog, parts.clock()) });
      });
      if (report.changed > 0) {
        logger.info({ namespace, repository: name, changed: report.changed }, 'repository synchronised');
      }
      if (report.unreadable.length > 0) this.#options.events.record(object, unreadableKptfiles(report.unreadable));
      if (report.left > 0) this.#retryAt = parts.clock().getTime() + leftRetryMs;
      // Nobody has to wait for this, nor to find the synchronisation under way while it lasts.
      this.#saving = this.#memory.learned.save(git.mirror);
    } catch (error) {
      if (this.#stop.signal.aborted || error instanceof LeaseLostError) {
        this.#measure('stopped');
        return;
      }
      this.#measure(error instanceof GitError ? error.errorClass : 'Error');
      await this.#fail(object, error);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Whether the Repository or its namespace is being deleted: what has just been taken out must not come back. */
  #isGoing(object: Repository): boolean {
    const { parts, namespace } = this.#options;
    return object.metadata.deletionTimestamp !== undefined || parts.namespaces.isTerminating(namespace);
  }

  #sayReading(): void {
    const { parts, namespace, name } = this.#options;
    this.#saying = parts.registrations
      .update(namespace, name, (current) => statusWhileWaiting(current, parts.clock()))
      .then(() => undefined, this.#unwritten);
  }

  /** Says that a change which asks for no synchronisation has been seen. One under way says so itself when it ends. */
  #acknowledge(): void {
    const { parts, namespace, name } = this.#options;
    if (this.#running !== undefined || this.#stop.signal.aborted) return;
    parts.registrations
      .update(namespace, name, (current) => {
        const { generation } = current.metadata;
        const { status } = current;
        if (generation === undefined || status === undefined || !status.observedGeneration) return undefined;
        if (status.observedGeneration === generation || actionable(current) !== this.#specSeen) return undefined;
        const conditions = conditionsAt(status.conditions, generation);
        return this.#withNext({ ...current, status: { ...status, conditions, observedGeneration: generation } });
      })
      .catch(this.#unwritten);
  }

  readonly #unwritten = (error: unknown): void => {
    const { namespace, name, logger } = this.#options;
    logger.error({ err: error, namespace, repository: name }, 'the status of the repository could not be written');
  };

  #measure(outcome: string): void {
    this.#options.seconds.observe({ outcome }, (this.#options.parts.clock().getTime() - this.#begunAt) / 1000);
  }

  #withNext(object: Repository): Repository {
    const next = this.#next(object);
    return next === undefined ? object : { ...object, status: { ...object.status, nextFullSyncTime: toSeconds(next) } };
  }

  async #fail(object: Repository, error: unknown): Promise<void> {
    const { parts, namespace, name, logger } = this.#options;
    this.#failures++;
    this.#timedOut = error instanceof GitError && error.errorClass === 'Timeout';
    const explained = isExplained(error);
    // Where the code was in the moment helps nobody whose repository cannot be reached.
    const cause = explained ? { reason: failureText(error) } : { err: error };
    logger.warn({ ...cause, namespace, repository: name }, 'repository could not be synchronised');
    this.#retryAt = parts.clock().getTime() + intervalAfter(error) * Math.min(4, 2 ** (this.#failures - 1));
    const shown = explained ? error : new Error('internal error; the log of the server says more', { cause: error });
    try {
      // Who wished before this was said did not wish for what is gone to be removed.
      const uninformed = error instanceof RefsVanishedError && !saysRefsVanished(object);
      await this.#update(false, (current) => {
        const left = uninformed ? withoutRunOnceAt(current, object.spec.sync?.runOnceAt) : current;
        const observed = observedGeneration(object, current, left);
        return this.#withNext({ ...left, status: statusAfterFailure(left, observed, shown, parts.clock()) });
      });
      // The same time named again is another wish.
      if (uninformed) this.#wish = undefined;
    } catch (failure) {
      this.#unwritten(failure);
    }
  }

  #next(object: Repository): Date | undefined {
    return this.#failures > 0 ? this.#nextTry(object) : nextSync(object, this.#timing());
  }

  /**
   * When a synchronisation that has failed is tried again: in a while, or sooner by the schedule or a wish. What of these was due when it
   * failed has been tried, and counts no more.
   */
  #nextTry(object: Repository): Date | undefined {
    // One time for both: what was due is due now, and must not seem to lie ahead by the time that passes here.
    const timing = this.#timing();
    const times = this.#retryAt === undefined ? [] : [this.#retryAt];
    const regular = regularSync(object, { ...timing, triedAt: new Date(this.#begunAt) })?.getTime();
    if (regular !== undefined && regular > timing.now.getTime()) times.push(regular);
    const wished = wishedSync(object)?.getTime();
    if (wished !== undefined && object.spec.sync?.runOnceAt !== this.#wish) times.push(wished);
    return times.length === 0 ? undefined : new Date(Math.min(...times));
  }

  #update(changed: boolean, change: (object: Repository) => Repository): Promise<void> {
    const { parts, events, namespace, name } = this.#options;
    return observedUpdate(parts, events, { namespace, name, change, changed });
  }

  #timing() {
    return { now: this.#options.parts.clock(), frequencyMs: this.#options.frequencyMs, random: () => this.#spread };
  }

  #schedule(): void {
    const { parts, namespace, name } = this.#options;
    const object = parts.registrations.get(namespace, name);
    if (this.#stop.signal.aborted || this.#running !== undefined || object === undefined) return;
    clearTimeout(this.#timer);
    const now = parts.clock().getTime();
    const next = this.#next(object)?.getTime() ?? Number.POSITIVE_INFINITY;
    const wanted = Math.min(this.#retryAt ?? Number.POSITIVE_INFINITY, next);
    // What is overdue stays so while nothing is done about it.
    const due = this.#isGoing(object) ? Math.max(wanted, now + goingRetryMs) : wanted;
    if (!Number.isFinite(due)) return;
    this.#timer = setTimeout(() => this.trigger(), Math.min(Math.max(0, due - now), longestTimerMs));
    this.#timer.unref();
  }
}

/** Whether an error tells people what to do, as opposed to one of the server's own. */
function isExplained(error: unknown): error is Error {
  return [GitError, RefsVanishedError, RepositoryConflictError].some((kind) => error instanceof kind);
}

function intervalAfter(error: unknown): number {
  if (error instanceof UnsupportedError) return unsupportedRetryMs;
  return RETRY_INTERVAL_MS[error instanceof GitError ? error.errorClass : 'Other'];
}

function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/**
 * The generation that a status is about: what was acted on, and also what has changed since where that asks for no action, the
 * removal of `runOnceAt` by this very write included.
 */
function observedGeneration(acted: Repository, current: Repository, written: Repository): number | undefined {
  const { generation } = current.metadata;
  if (generation === undefined || actionable(acted) !== actionable(current)) return acted.metadata.generation;
  return written === current ? generation : generation + 1;
}

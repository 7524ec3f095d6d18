import type { Logger } from 'pino';
import type { EngineParts } from '../engine/parts.ts';
import { RETRY_INTERVAL_MS } from '../git/errors.ts';
import { GitError } from '../git/types.ts';
import type { Repository } from '../resources/repository.ts';
import { statusAfterFailure, statusAfterSync, statusWhileWaiting } from './repository-conditions.ts';
import { updateRepository } from './repository-status.ts';
import type { RunLimit } from './run-limit.ts';
import { nextSync } from './schedule.ts';
import { RefsVanishedError } from './sync/report.ts';
import { type SyncMemory, syncRepository } from './sync/sync-repository.ts';

export interface SyncManagerOptions {
  readonly parts: EngineParts;
  readonly namespace: string;
  readonly name: string;
  /** Shared by all managers: how many repositories are synchronised at once. */
  readonly limit: RunLimit;
  /** Milliseconds between two synchronisations of a repository without a schedule of its own. */
  readonly frequencyMs: number;
  /** Between 0 and 1; spreads repositories over time. */
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Keeps one repository synchronised: at once when it appears or changes, then by its schedule, and again after a failure when that kind
 * of failure is worth another try. One synchronisation at a time; what is asked for meanwhile follows.
 */
export class SyncManager {
  readonly #options: SyncManagerOptions;
  readonly #memory: SyncMemory = { known: undefined, skipped: [] };
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #specSeen = '';

  constructor(options: SyncManagerOptions) {
    this.#options = options;
  }

  /** Tells the manager what the Repository says now; what matters to it starts a synchronisation or moves the next one. */
  observe(object: Repository): void {
    const { sync: _, description: __, ...rest } = object.spec;
    const seen = JSON.stringify(rest);
    if (seen !== this.#specSeen) {
      this.#specSeen = seen;
      this.#failures = 0;
      this.trigger();
    } else this.#schedule(object, undefined);
  }

  /** Synchronises now, or once more when a synchronisation is under way. */
  trigger(): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#options.limit
      .run(() => this.#run())
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.trigger();
      });
  }

  /** Ends a synchronisation that is under way, and begins no more. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('synchronisation stopped'));
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { parts, namespace, name, logger } = this.#options;
    const object = parts.cache.repository(namespace, name)?.value;
    if (object === undefined || object.metadata.deletionTimestamp !== undefined || this.#stop.signal.aborted) return;
    const runOnceAt = object.spec.sync?.runOnceAt;
    const asked = runOnceAt !== undefined && Date.parse(runOnceAt) <= parts.clock().getTime();
    let retryMs: number | undefined;
    try {
      if (parts.cache.repositoryState(namespace, name) === undefined) {
        await updateRepository(parts, namespace, name, (current) => statusWhileWaiting(current, parts.clock()));
      }
      const git = await parts.repositories.of(object);
      const report = await syncRepository(parts, git, this.#memory, {
        signal: this.#stop.signal,
        acceptVanished: asked,
      });
      this.#failures = 0;
      if (report.left > 0) retryMs = 5_000;
      const backlog = parts.queue.backlog(namespace, name);
      await updateRepository(parts, namespace, name, (current) => {
        const next = { ...current, status: statusAfterSync(current, object, report, backlog, parts.clock()) };
        if (asked && current.spec.sync?.runOnceAt === runOnceAt) {
          const { runOnceAt: _, ...sync } = current.spec.sync ?? {};
          const { sync: __, ...spec } = current.spec;
          next.spec = Object.keys(sync).length === 0 ? spec : { ...spec, sync };
          next.status = { ...next.status, observedRunOnceAt: runOnceAt ?? '' };
        }
        return this.#withNext(next);
      });
      if (report.changed > 0)
        logger.info({ namespace, repository: name, changed: report.changed }, 'repository synchronised');
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      retryMs = await this.#fail(object, error);
    }
    const current = parts.cache.repository(namespace, name)?.value;
    if (current !== undefined) this.#schedule(current, retryMs);
  }

  #withNext(object: Repository): Repository {
    const next = nextSync(object, this.#timing());
    return next === undefined ? object : { ...object, status: { ...object.status, nextFullSyncTime: toSeconds(next) } };
  }

  async #fail(object: Repository, error: unknown): Promise<number> {
    const { parts, namespace, name, logger } = this.#options;
    this.#failures++;
    logger.warn({ err: error, namespace, repository: name }, 'repository could not be synchronised');
    const known = error instanceof GitError || error instanceof RefsVanishedError;
    await updateRepository(parts, namespace, name, (current) => ({
      ...current,
      status: statusAfterFailure(
        current,
        object,
        known ? error : new Error('internal error; the log of the server says more', { cause: error }),
        parts.clock(),
      ),
    })).catch((failure: unknown) =>
      logger.error({ err: failure, namespace, repository: name }, 'status could not be written'),
    );
    const interval = error instanceof GitError ? RETRY_INTERVAL_MS[error.errorClass] : RETRY_INTERVAL_MS.Other;
    return interval * Math.min(4, 2 ** (this.#failures - 1));
  }

  #timing() {
    return { now: this.#options.parts.clock(), frequencyMs: this.#options.frequencyMs, random: this.#options.random };
  }

  #schedule(object: Repository, retryMs: number | undefined): void {
    if (this.#stop.signal.aborted || this.#running !== undefined) {
      if (retryMs === undefined) return;
    }
    clearTimeout(this.#timer);
    const now = this.#options.parts.clock().getTime();
    const regular = nextSync(object, this.#timing())?.getTime();
    const due = Math.min(
      retryMs === undefined ? Number.POSITIVE_INFINITY : now + retryMs,
      regular ?? Number.POSITIVE_INFINITY,
    );
    if (!Number.isFinite(due)) return;
    this.#timer = setTimeout(() => this.trigger(), Math.min(Math.max(0, due - now), 2 ** 31 - 1));
    this.#timer.unref();
  }
}

function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

import { PreconditionFailedError } from '@porch/apiserver';
import type { Logger } from 'pino';
import { releasePendingContent } from '../../cache/pending-content.ts';
import type { EngineParts } from '../../engine/parts.ts';
import type { CleanupCounters } from './cleanup-counters.ts';
import { removeOldTombstones } from './old-tombstones.ts';
import { orphanedRecords } from './orphaned-records.ts';
import { Rounds } from './rounds.ts';

/** What is cleaned up, and how often. */
export interface CleanupOptions {
  readonly parts: EngineParts;
  /** Takes package revisions of Repositories that are not registered out of the API; gives how many. */
  removeLeftRevisions(): Promise<number>;
  readonly counters: CleanupCounters;
  readonly logger: Logger;
  /** Milliseconds between the end of a round and the next. */
  readonly everyMs: number;
  /** Most records that one round removes; the rest waits for the next. */
  readonly mostRecords: number;
}

/** What one round removed, by kind; kinds with nothing to remove are left out. */
export type Removed = ReadonlyMap<string, number>;

/**
 * Removes what nobody needs and nothing else has removed: what happens is cleaned up after at once, and this finds what a crash or an
 * error left behind. Watches that have ended, the log and old events are not its business: connections, the store and the expiry of
 * events forget those themselves.
 */
export class Cleanup {
  readonly #options: CleanupOptions;
  readonly #rounds: Rounds;

  constructor(options: CleanupOptions) {
    this.#options = options;
    this.#rounds = new Rounds(options.everyMs, () => this.round());
  }

  start(): void {
    this.#rounds.start();
  }

  /** Waits for the round that is under way. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** One round; a step that fails is logged, and keeps no other from being taken. */
  async round(): Promise<Removed> {
    const { parts, counters, logger, removeLeftRevisions } = this.#options;
    const removed = new Map<string, number>();
    let outcome = 'ok';
    const step = async (kind: string, work: () => Promise<ReadonlyMap<string, number> | number>): Promise<void> => {
      try {
        const done = await work();
        const counts = typeof done === 'number' ? new Map([[kind, done]]) : done;
        for (const [name, count] of counts) if (count > 0) removed.set(name, count);
      } catch (error) {
        outcome = 'failed';
        logger.error({ err: error, step: kind }, 'the cleanup could not do a step; it is tried again');
      }
    };
    await step('revision', removeLeftRevisions);
    await step('records', () => this.#removeRecords());
    await step('tombstone', () => removeOldTombstones(parts, this.#options.mostRecords, () => this.#rounds.closed));
    await step('pending-content', () => releasePendingContent(parts.cache, parts.store));
    counters.rounds.add({ outcome });
    for (const [kind, count] of removed) counters.removed.add({ kind }, count);
    if (removed.size > 0) logger.info({ removed: Object.fromEntries(removed) }, 'cleaned up');
    return removed;
  }

  async #removeRecords(): Promise<Removed> {
    const { parts, mostRecords } = this.#options;
    const removed = new Map<string, number>();
    let left = mostRecords;
    for (const { kind, key, revision, preconditions } of [...orphanedRecords(parts)]) {
      if (left-- <= 0 || this.#rounds.closed) break;
      try {
        await parts.store.commit({ preconditions, operations: [{ type: 'delete', key, expected: revision }] });
        removed.set(kind, (removed.get(kind) ?? 0) + 1);
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error; // it belongs to something again
      }
    }
    return removed;
  }
}

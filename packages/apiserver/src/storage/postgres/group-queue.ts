import type { Logger } from 'pino';
import { type Change, type CommitResult, StoreUnavailableError, type WriteSet } from '../store.ts';
import { DatabaseError, isDataError } from './database-error.ts';
import type { CommittedGroup, GroupCommitter } from './group-committer.ts';
import { mismatchError, type PlannedOutcome } from './group-plan.ts';
import type { GroupMember } from './group-reading.ts';
import { settledChange, untakenChange } from './planned-change.ts';
import { toUnavailable } from './unavailable.ts';

interface Waiting extends GroupMember {
  readonly bytes: number;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: unknown) => void;
  /** Runs out while it waits for its turn. */
  patience: NodeJS.Timeout | undefined;
}

/** Where committed changes go. */
export interface Delivery {
  /** Changes of this process's own after `base`, one array for each write set. */
  publish(base: number, writeSets: readonly (readonly Change[])[]): void;
  /** Resolves when everything up to a revision has been delivered. @throws StoreUnavailableError while the log cannot be read */
  reached(revision: number): Promise<void>;
}

const largestGroup = 512;
/** The counter is locked while a group's last bytes are on their way. */
const largestGroupBytes = 2 * 1024 * 1024;

/** Gathers write sets that come while a group is being committed into the next one. */
export class GroupQueue {
  readonly #committer: Pick<GroupCommitter, 'commit'>;
  readonly #delivery: Delivery;
  readonly #logger: Pick<Logger, 'error'> | undefined;
  readonly #unavailableAfterMs: number;
  /** In the order in which they came. Who is given up is let go of, however long the group before it takes. */
  readonly #waiting = new Set<Waiting>();
  readonly #settling = new Set<Promise<void>>();
  #running: Promise<void> | undefined;

  constructor(
    committer: Pick<GroupCommitter, 'commit'>,
    delivery: Delivery,
    logger: Pick<Logger, 'error'> | undefined,
    unavailableAfterMs: number,
  ) {
    this.#unavailableAfterMs = unavailableAfterMs;
    this.#committer = committer;
    this.#delivery = delivery;
    this.#logger = logger;
  }

  /** How many write sets wait for their turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Commits a write set with the next group. One whose turn does not come, because it is not known what became of a group before it, fails
   * in time, and is not written.
   */
  push(writeSet: WriteSet, dryRun: boolean): Promise<CommitResult> {
    const { promise, resolve, reject } = Promise.withResolvers<CommitResult>();
    this.#add({ writeSet, dryRun, bytes: sizeOf(writeSet), resolve, reject, patience: undefined });
    return promise;
  }

  /** Resolves when everything that was handed over is committed and delivered, or has failed. */
  async drained(): Promise<void> {
    while (this.#running !== undefined || this.#settling.size > 0) {
      await this.#running;
      await Promise.allSettled(this.#settling);
    }
  }

  #add(member: Waiting): void {
    member.patience = setTimeout(() => {
      this.#waiting.delete(member);
      member.reject(new StoreUnavailableError('the database did not answer in time'));
    }, this.#unavailableAfterMs);
    this.#waiting.add(member);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Those who call in the same turn share a group.
    await Promise.resolve();
    while (this.#waiting.size > 0) await this.#commit(this.#take());
    this.#running = undefined;
  }

  #take(): Waiting[] {
    const group: Waiting[] = [];
    let bytes = 0;
    for (const member of this.#waiting) {
      bytes += member.bytes;
      if (group.length === largestGroup || (group.length > 0 && bytes > largestGroupBytes)) break;
      clearTimeout(member.patience);
      this.#waiting.delete(member);
      group.push(member);
    }
    return group;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    try {
      const committed = await this.#committer.commit(group);
      const settling = this.#settle(group, committed).catch((error: unknown) => {
        for (const { reject } of group) reject(error);
      });
      this.#settling.add(settling);
      void settling.then(() => this.#settling.delete(settling));
    } catch (error) {
      if (isDataError(error) && group.length > 1) {
        // One of them cannot be stored; the others must not suffer for it.
        for (const member of group) await this.#commit([member]);
        return;
      }
      if (error instanceof DatabaseError) this.#logger?.error({ err: error }, 'the database refused a write');
      for (const { reject } of group) reject(toUnavailable(error));
    }
  }

  async #settle(group: readonly Waiting[], { base, changes, outcomes }: CommittedGroup): Promise<void> {
    const results = outcomes.map((outcome) => toResult(outcome, base));
    const written = results.flatMap((result, index) =>
      'changes' in result && group[index]?.dryRun === false && result.changes.length > 0 ? [result.changes] : [],
    );
    if (changes.length > 0) this.#delivery.publish(base, written);
    // Also who failed or changed nothing is told about a state that listeners have seen.
    await this.#delivery.reached(base + changes.length).catch((error: unknown) => {
      throw error instanceof StoreUnavailableError
        ? new StoreUnavailableError(error.message, true, { cause: error })
        : error;
    });
    results.forEach((result, index) => {
      const member = group[index];
      if (member === undefined) return;
      if ('changes' in result) member.resolve(result);
      else if ('again' in result) this.#add(member);
      else member.reject(result.error);
    });
  }
}

function toResult(
  outcome: PlannedOutcome,
  base: number,
): CommitResult | { readonly error: unknown } | { readonly again: true } {
  if ('error' in outcome) return outcome;
  if ('mismatch' in outcome) {
    const error = mismatchError(outcome.mismatch, base);
    // Someone asked for a revision that did not exist yet, and that a neighbour in the group has taken.
    return error.actual === error.expected ? { again: true } : { error };
  }
  const { before, changes, dryRun } = outcome;
  if (dryRun) {
    return { revision: base + before, changes: changes.map((change) => untakenChange(change, base, before)) };
  }
  return { revision: base + before + changes.length, changes: changes.map((change) => settledChange(change, base)) };
}

function sizeOf({ operations }: WriteSet): number {
  let bytes = 0;
  for (const operation of operations) bytes += operation.type === 'put' ? operation.value.length : 1024;
  return bytes;
}

import { jumpDistance } from '../jump-distance.ts';
import { RevisionWaiters } from '../revision-waiters.ts';
import type { Sealing } from '../sealing.ts';
import type { Change } from '../store.ts';
import type { Delivery } from './group-queue.ts';
import type { Seen } from './history.ts';
import { isThere, type Joined, type LogRow, toChange } from './rows.ts';
import type { Session } from './session.ts';
import type { Statements } from './statements.ts';

type Row = { readonly counter: number; readonly oldest: number } & Joined<LogRow>;

interface OwnChanges {
  readonly last: number;
  readonly writeSets: readonly (readonly Change[])[];
}

/** What the tail is made of. */
export interface TailParts {
  readonly session: Pick<Session, 'untilDone'>;
  readonly statements: Statements;
  readonly sealing: Sealing;
  /** Is given every write set's changes, in the order of their revisions, whoever made them. */
  readonly deliver: (changes: readonly Change[]) => void;
  /** The log does not lead on from what was delivered, or cannot be read. */
  readonly failed: (error: Error) => void;
}

const pageSize = 500;

/**
 * Follows the log: everything that was committed, by whichever process, is delivered once and in order. What this process has committed
 * itself is delivered from memory; the log is read for the rest.
 */
export class Tail implements Delivery {
  readonly #parts: TailParts;
  readonly #own = new Map<number, OwnChanges>();
  readonly #waiters = new RevisionWaiters();
  readonly #ending = new AbortController();
  #delivered: number;
  #last: Change | undefined;
  #known: number;
  #reading = false;

  /** `delivered`: where to go on from. */
  constructor(parts: TailParts, delivered: number) {
    this.#parts = parts;
    this.#delivered = delivered;
    this.#known = delivered;
  }

  /** How far the history has been delivered, and the last change of it. */
  get seen(): Seen {
    return { revision: this.#delivered, change: this.#last };
  }

  /** Tells that the store has a revision. */
  wake(revision: number): void {
    this.#known = Math.max(this.#known, revision);
    if (this.#known > this.#delivered) void this.#read();
  }

  publish(base: number, writeSets: readonly (readonly Change[])[]): void {
    const last = writeSets.at(-1)?.at(-1)?.revision ?? base;
    this.#own.set(base, { last, writeSets });
    this.#deliverOwn();
    this.wake(last);
  }

  reached(revision: number): Promise<void> {
    if (revision <= this.#delivered) return Promise.resolve();
    const reached = this.#waiters.wait(revision, this.#ending.signal);
    this.wake(revision);
    return reached;
  }

  /** Delivers nothing any more; whoever waits is given the reason. */
  end(reason: Error): void {
    this.#ending.abort(reason);
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#delivered < this.#known && !this.#ending.signal.aborted) await this.#readPage();
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#parts.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#reading = false;
    }
  }

  async #readPage(): Promise<void> {
    const { session, statements, sealing } = this.#parts;
    const after = this.#delivered;
    const values = [after, pageSize - 1, this.#nextOwn()];
    const rows = await session.untilDone(
      (connection) => connection.run<Row>(statements.logAfter, values),
      (error) => this.#waiters.fail(error),
    );
    if (this.#ending.signal.aborted) return;
    const { counter = 0, oldest = 0 } = rows[0] ?? {};
    // What it has delivered from memory meanwhile may have been forgotten since.
    if (oldest > this.#delivered || counter < after) throw new Error(brokenOff(this.#delivered, counter, oldest));
    let writeSet: Change[] = [];
    for (const row of rows) {
      if (!isThere(row)) break;
      writeSet.push(toChange(row, sealing));
      if (row.revision < row.last) continue;
      this.#deliver(writeSet);
      this.#deliverOwn();
      writeSet = [];
    }
    // What was made known and is not in the log yet comes with the next notification or poll.
    if (this.#delivered === after) this.#known = after;
  }

  #deliver(changes: readonly Change[]): void {
    const change = changes.at(-1);
    const last = change?.revision ?? 0;
    // Delivered from memory while the page was on its way.
    if (last <= this.#delivered) return;
    this.#delivered = last;
    this.#last = change;
    this.#parts.deliver(changes);
    this.#waiters.advance(last);
  }

  #deliverOwn(): void {
    for (const [base, { last, writeSets }] of this.#own) {
      if (base > this.#delivered) return;
      this.#own.delete(base);
      // The log may have brought some of them, or all.
      if (last > this.#delivered) for (const changes of writeSets) this.#deliver(changes);
    }
  }

  /** Where this process's own next changes begin, which need not be read. */
  #nextOwn(): number {
    const [base = Number.MAX_SAFE_INTEGER] = this.#own.keys();
    return base;
  }
}

function brokenOff(after: number, counter: number, oldest: number): string {
  if (counter >= after && oldest - after < jumpDistance) {
    return `the change log begins at ${oldest} and this process has seen it up to ${after} only: it was cut off for too long; start the process again`;
  }
  return `the database does not lead on from what this process has seen of it, revision ${after}: a backup was restored or another server took over; start the process again`;
}

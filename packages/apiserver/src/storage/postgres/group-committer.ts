import { setTimeout as wait } from 'node:timers/promises';
import { keyText } from '../key-text.ts';
import type { Sealing } from '../sealing.ts';
import { StoreUnavailableError } from '../store.ts';
import { usualLimits } from './begin-session.ts';
import type { Connection } from './connection.ts';
import { ConnectionLostError, DatabaseError, isTransient } from './database-error.ts';
import { GroupPlan, type PlannedOutcome } from './group-plan.ts';
import { type GroupMember, type GroupReading, readGroup } from './group-reading.ts';
import type { PlannedChange } from './planned-change.ts';
import type { Session } from './session.ts';
import type { Statements } from './statements.ts';
import { transaction } from './transaction.ts';

/** A group that is durable. */
export interface CommittedGroup {
  /** The store's revision before the group; its n-th change has base + n. */
  readonly base: number;
  readonly changes: readonly PlannedChange[];
  /** One for each member. */
  readonly outcomes: readonly PlannedOutcome[];
}

/** This process's place among the writers, valid on one connection. */
interface Entry {
  readonly connection: Connection;
  readonly epoch: number;
}

/** Between two attempts to learn what became of a commit. */
const pauseMs = 100;

interface EnterRow {
  readonly epoch: number;
  readonly last_commit: number;
  readonly last_base: number;
}

interface WriteRow {
  readonly base: number;
  readonly entered: boolean;
  readonly unchanged: boolean;
}

/**
 * Commits groups, one after the other: reads what they touch without any lock, works out the changes here, and writes them in one round
 * trip that checks, with the counter locked, that what was read is still so. When it is not, the group begins again.
 */
export class GroupCommitter {
  readonly #session: Session;
  readonly #statements: Statements;
  readonly #sealing: Sealing;
  readonly #writer: string;
  readonly #unavailableAfterMs: number;
  #entry: Entry | undefined;
  #commits = 0;

  constructor(parts: {
    readonly session: Session;
    readonly statements: Statements;
    readonly sealing: Sealing;
    /** A UUID of this process's own. */
    readonly writer: string;
    readonly unavailableAfterMs: number;
  }) {
    this.#session = parts.session;
    this.#statements = parts.statements;
    this.#sealing = parts.sealing;
    this.#writer = parts.writer;
    this.#unavailableAfterMs = parts.unavailableAfterMs;
  }

  /** @throws StoreUnavailableError, DatabaseError: then nothing of the group was written */
  async commit(group: readonly GroupMember[]): Promise<CommittedGroup> {
    const deadline = performance.now() + this.#unavailableAfterMs;
    for (;;) {
      try {
        const entry = await this.#enter(deadline - performance.now());
        const reading = await readGroup(entry.connection, this.#statements, group, this.#sealing);
        const plan = new GroupPlan(this.#sealing, reading.objects, reading.contents);
        const outcomes = group.map(({ writeSet, dryRun }) => plan.add(writeSet, dryRun));
        const { changes } = plan;
        if (changes.length === 0 && plan.contents.size === 0) return { base: reading.revision, changes, outcomes };
        const base = await this.#write(entry, plan, reading);
        if (base !== undefined) return { base, changes, outcomes };
      } catch (error) {
        const again = error instanceof ConnectionLostError || isTransient(error) || this.#leftStandby(error);
        if (!again || performance.now() > deadline) throw error;
      }
    }
  }

  /** @returns the base, or undefined when nothing was written and the group must begin again */
  async #write(entry: Entry, plan: GroupPlan, reading: GroupReading): Promise<number | undefined> {
    const number = ++this.#commits;
    try {
      const row = await this.#send(entry, plan, reading, number);
      if (row?.entered !== true) this.#entry = undefined;
      return row?.entered === true && row.unchanged ? row.base : undefined;
    } catch (error) {
      if (error instanceof ConnectionLostError) return this.#askWhetherWritten(number);
      throw error;
    }
  }

  async #send({ connection, epoch }: Entry, plan: GroupPlan, reading: GroupReading, number: number) {
    const statements = this.#statements;
    const changes = JSON.stringify(plan.changes.map(toParameter(plan)));
    const read = JSON.stringify(readBefore(reading));
    const digests = [...new Set([...plan.needed, ...plan.contents.keys()])];
    const fresh = [...plan.contents].filter(([digest]) => !reading.contents.has(digest));
    const known = digests.filter((digest) => reading.contents.has(digest));
    // In one order everywhere, so that two groups with the same content do not wait for each other.
    fresh.sort(([a], [b]) => (a < b ? -1 : 1));
    const results = await transaction<WriteRow[][]>(
      connection,
      // While content is on its way no lock of others is held, so that a slow link may take its time.
      fresh.length === 0 ? 'BEGIN' : `BEGIN; ${limits({ idle: '0', statement: '0' })}`,
      () => [
        ...fresh.map((content) => connection.run<never>(statements.putContent, content)),
        ...(known.length === 0 ? [] : [connection.run<never>(statements.touchContents, [known])]),
        ...(fresh.length === 0 ? [] : [connection.query<never>(limits(usualLimits))]),
        connection.run<never>(statements.lockCounter),
        connection.run<WriteRow & Record<string, unknown>>(statements.write, [
          changes,
          this.#writer,
          epoch,
          number,
          read,
          digests,
          plan.changes.length,
        ]),
      ],
    );
    return results.at(-1)?.[0];
  }

  /** However long it takes: until then nobody can be told what became of their writes. */
  async #askWhetherWritten(number: number): Promise<number | undefined> {
    for (;;) {
      try {
        const { last_commit: last, last_base: base } = await this.#enterAgain(await this.#session.ready());
        return last === number ? base : undefined;
      } catch (error) {
        const temporary = [ConnectionLostError, DatabaseError, StoreUnavailableError].some(
          (kind) => error instanceof kind,
        );
        if (temporary && !this.#session.closed) {
          await wait(pauseMs);
          continue;
        }
        throw new StoreUnavailableError(
          'the database was lost during a write, which it may or may not have made',
          true,
        );
      }
    }
  }

  async #enter(withinMs: number): Promise<Entry> {
    const connection = await this.#session.ready(withinMs);
    if (this.#entry?.connection === connection) return this.#entry;
    const { epoch } = await this.#enterAgain(connection);
    this.#entry = { connection, epoch };
    return this.#entry;
  }

  /** Waits for the counter, hence for everything that was sent on an earlier connection and has begun; voids the rest. */
  async #enterAgain(connection: Connection): Promise<EnterRow> {
    const [, rows] = await transaction<[unknown, EnterRow[]]>(connection, 'BEGIN', () => [
      connection.run(this.#statements.lockCounter),
      connection.run<EnterRow & Record<string, unknown>>(this.#statements.enter, [this.#writer]),
    ]);
    const row = rows[0];
    if (row === undefined) throw new Error('the database did not say how this process is entered');
    this.#entry = { connection, epoch: row.epoch };
    return row;
  }

  #leftStandby(error: unknown): boolean {
    const standby = error instanceof DatabaseError && error.code === '25006';
    if (standby) this.#entry?.connection.destroy();
    return standby;
  }
}

/** Limits of the server for the rest of the transaction: on a client that sends nothing, and on a statement, with all that it is given. */
function limits({ idle, statement }: { readonly idle: string; readonly statement: string }): string {
  return `SET LOCAL idle_in_transaction_session_timeout = '${idle}'; SET LOCAL statement_timeout = '${statement}'`;
}

function toParameter(plan: GroupPlan) {
  const final = new Map(plan.changes.map((change) => [keyText(change.key), change.number]));
  return ({ type, key, number, first, last, previous, state }: PlannedChange) => ({
    ...key,
    number,
    first,
    last,
    type,
    previous,
    uid: state.uid,
    value: state.stored,
    content: state.content,
    content_revision: state.contentRevision,
    final: final.get(keyText(key)) === number,
  });
}

/** Everything the group looked at, with the revisions it saw. */
function readBefore({ keys, objects }: GroupReading) {
  return [...keys].map(([text, { resource, namespace, name }]) => ({
    resource,
    namespace,
    name,
    revision: objects.get(text)?.revision ?? 0,
  }));
}

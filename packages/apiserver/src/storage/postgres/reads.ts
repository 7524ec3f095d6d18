import type { Sealing } from '../sealing.ts';
import {
  type Change,
  CompactedError,
  type LogPage,
  type ObjectKey,
  type Snapshot,
  type StoredObject,
} from '../store.ts';
import type { Connection } from './connection.ts';
import { isThere, type Joined, type LogRow, type ObjectRow, toChange, toStored } from './rows.ts';
import type { Statements } from './statements.ts';
import { transaction } from './transaction.ts';

/** What reads are done with. */
export interface ReadContext {
  readonly statements: Statements;
  readonly sealing: Sealing;
}

type HistoryRow = Omit<LogRow, 'value'> & { readonly value: string | null };

/** Everything at one revision, with about `history` changes before it. */
export async function readSnapshot(connection: Connection, context: ReadContext, history: number): Promise<Snapshot> {
  const { statements, sealing } = context;
  const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0';
  const [[counter], rows, log, before] = await transaction<
    [{ revision: number; oldest: number }[], ObjectRow[], HistoryRow[], ObjectRow[]]
  >(connection, begin, () => [
    connection.run(statements.counter),
    connection.run(statements.objects),
    connection.run(statements.history, [history]),
    connection.run(statements.beforeHistory, [history]),
  ]);
  if (counter === undefined) throw new Error('the database has lost its counter; restore it from a backup');
  const objects = rows.map((row) => toStored(row, sealing));
  const current = new Map(objects.map((object) => [object.revision, object]));
  const changes = log.map((row): Change => {
    if (row.value !== null) return toChange({ ...row, value: row.value }, sealing);
    const object = current.get(row.revision);
    if (object === undefined) throw new Error(`the object of revision ${row.revision} is not there`);
    return { type: row.type, revision: row.revision, previousRevision: row.previous_revision, object };
  });
  return {
    revision: counter.revision,
    objects,
    changesAfter: Math.max(counter.oldest, counter.revision - history),
    changes,
    earlier: before.map((row) => toStored(row, sealing)),
  };
}

/**
 * About `limit` changes after a revision, whole write sets only.
 * @throws CompactedError
 */
export async function readChanges(
  connection: Connection,
  { statements, sealing }: ReadContext,
  revision: number,
  limit: number,
): Promise<LogPage> {
  const rows = await connection.run<{ readonly oldest: number } & Joined<LogRow>>(statements.logAfter, [
    revision,
    Math.max(1, limit) - 1,
    Number.MAX_SAFE_INTEGER,
  ]);
  requireKept(revision, rows[0]?.oldest);
  const changes = rows.filter(isThere).map((row) => toChange(row, sealing));
  return { changes, next: changes.at(-1)?.revision ?? revision };
}

/**
 * The state of one object at a revision.
 * @throws CompactedError
 */
export async function readObjectAt(
  connection: Connection,
  { statements, sealing }: ReadContext,
  key: ObjectKey,
  revision: number,
): Promise<StoredObject | undefined> {
  const [row] = await connection.run<{ readonly oldest: number; readonly before: number | null } & Joined<ObjectRow>>(
    statements.objectAt,
    [key.resource, key.namespace, key.name, revision],
  );
  requireKept(revision, row?.oldest);
  if (row !== undefined && isThere(row)) return toStored(row, sealing);
  if ((row?.before ?? 0) > 0) throw new Error(`the log has no entry ${row?.before}, which a later one builds on`);
  return undefined;
}

/** Content by digest. */
export async function readContent(
  connection: Connection,
  { statements }: ReadContext,
  digest: string,
): Promise<Uint8Array | undefined> {
  // The limit on a statement counts until the client has taken the answer.
  const begin = 'BEGIN READ ONLY; SET LOCAL statement_timeout = 0';
  const [[row]] = await transaction<[{ bytes: Buffer }[]]>(connection, begin, () => [
    connection.run(statements.content, [digest]),
  ]);
  return row === undefined ? undefined : new Uint8Array(row.bytes);
}

function requireKept(revision: number, oldest: number | undefined): void {
  if (oldest === undefined) throw new Error('the database has lost its counter; restore it from a backup');
  if (revision < oldest) throw new CompactedError(revision, oldest);
}

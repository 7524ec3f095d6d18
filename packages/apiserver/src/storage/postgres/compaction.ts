import type { CompactedStore } from '../store.ts';
import type { RetentionOptions } from '../store-options.ts';
import type { Connection } from './connection.ts';
import type { Statements } from './statements.ts';
import { transaction } from './transaction.ts';

/** How much is removed while writers wait. */
const rowsPerStep = 200;
const rowsPerLook = 10_000;
const forgottenWriterMs = 7 * 86_400_000;

/** Losing the last of these steps in a crash loses nothing: they are done again. */
const begin = 'BEGIN; SET LOCAL synchronous_commit = off';

/**
 * Forgets the log up to `revision` and the content that nothing names any more. What may go is looked for without a lock, and removed in small
 * steps that hold the counter, so that no write comes to need it meanwhile.
 */
export async function compact(
  connection: Connection,
  statements: Statements,
  revision: number,
  graceMs: number,
): Promise<CompactedStore> {
  await connection.run(statements.raiseOldest, [revision]);
  let entries = 0;
  for (let after = 0; ; ) {
    const found = await connection.run<{ revision: number }>(statements.forgettable, [after, rowsPerLook]);
    for (const step of stepsOf(found.map((row) => row.revision))) {
      entries += await locked(connection, statements, () => connection.run(statements.forgetLog, [step]));
    }
    after = found.at(-1)?.revision ?? after;
    if (found.length < rowsPerLook) break;
  }
  let contents = 0;
  const unnamed = await connection.run<{ digest: string }>(statements.unnamedContents, [graceMs]);
  for (const step of stepsOf(unnamed.map((row) => row.digest))) {
    contents += await locked(connection, statements, () => connection.run(statements.forgetContents, [step, graceMs]));
  }
  return { entries, contents };
}

/**
 * What is done from time to time, by one process at a time: forgets what retention does not keep.
 * @returns undefined when another process is at it
 */
export async function retain(
  connection: Connection,
  statements: Statements,
  schema: string,
  retention: RetentionOptions,
  graceMs: number,
): Promise<CompactedStore | undefined> {
  const lock = `hashtextextended('store compaction ${schema}', 0)`;
  const [row] = await connection.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS mine`);
  if (row?.mine !== true) return undefined;
  try {
    const revision = await revisionToForget(connection, statements, retention);
    const removed = await compact(connection, statements, revision, graceMs);
    await connection.run(statements.forgetWriters, [forgottenWriterMs]);
    return removed;
  } finally {
    if (connection.alive) await connection.query(`SELECT pg_advisory_unlock(${lock})`);
  }
}

/** The revision that the log may be forgotten up to: whole write sets that are too old or too many. */
export async function revisionToForget(
  connection: Connection,
  statements: Statements,
  { maxAgeMs, maxEntries }: RetentionOptions,
): Promise<number> {
  const [counter] = await connection.run<{ revision: number; oldest: number }>(statements.counter);
  const { revision, oldest } = counter ?? { revision: 0, oldest: 0 };
  const entryFrom = async (from: number) =>
    (await connection.run<{ revision: number; first: number; old: boolean }>(statements.timeFrom, [from, maxAgeMs]))[0];
  let low = Math.max(oldest, revision - maxEntries);
  let high = revision;
  while (low < high) {
    const middle = Math.floor((low + high) / 2) + 1;
    const entry = await entryFrom(middle);
    if (entry?.old === true) low = Math.min(high, Math.max(middle, entry.revision));
    else high = middle - 1;
  }
  const next = await entryFrom(low + 1);
  return next === undefined ? low : Math.max(oldest, Math.min(low, next.first - 1));
}

function* stepsOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += rowsPerStep) yield all.slice(at, at + rowsPerStep);
}

async function locked(
  connection: Connection,
  statements: Statements,
  remove: () => Promise<unknown[]>,
): Promise<number> {
  const [, removed] = await transaction<[unknown, unknown[]]>(connection, begin, () => [
    connection.run(statements.lockCounter),
    remove(),
  ]);
  return removed.length;
}

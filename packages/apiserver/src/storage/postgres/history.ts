import { jumpFrom } from '../jump-distance.ts';
import { StoreNotEmptyError } from '../not-empty.ts';
import type { Sealing } from '../sealing.ts';
import type { Change } from '../store.ts';
import type { Connection } from './connection.ts';
import type { ReadContext } from './reads.ts';
import { isThere, type Joined, type LogRow, toChange } from './rows.ts';

/** How far a process has seen the history. */
export interface Seen {
  readonly revision: number;
  /** The change of that revision, where the process has been told of it. */
  readonly change?: Change | undefined;
}

/**
 * Whether the database still has what was seen of it. Where it went back and others have written since, its counter may be as far as
 * before, but another change has the last revision that was seen.
 */
export async function leadsOn(
  connection: Connection,
  { statements, sealing }: ReadContext,
  { revision, change }: Seen,
): Promise<boolean> {
  const [row] = await connection.run<{ readonly counter: number; readonly oldest: number } & Joined<LogRow>>(
    statements.logEntry,
    [revision],
  );
  if (row === undefined) throw new Error('the database has lost its counter; restore it from a backup');
  if (row.counter < revision) return false;
  // What the log has forgotten cannot be compared.
  return change === undefined || revision <= row.oldest || (isThere(row) && isChange(row, change, sealing));
}

/**
 * Makes sure that the tables carry on the history of the server they are on. Where they do not (see `ServerFacts.identity`), or where
 * they do not lead on from what was `seen`, the counter jumps and the log starts there. Of several processes one does it.
 * @returns the store's revision, and whether it jumped
 * @throws StoreNotEmptyError when the tables were to be without any history, and are not
 */
export async function continueHistory(
  connection: Connection,
  context: ReadContext,
  identity: string,
  seen: Seen,
  mustBeEmpty = false,
): Promise<{ readonly revision: number; readonly jumped: boolean }> {
  const { statements } = context;
  await connection.script('BEGIN');
  try {
    await connection.run(statements.lockCounter);
    const [[counter], [stored]] = await Promise.all([
      connection.run<{ revision: number; oldest: number }>(statements.counter),
      connection.run<{ value: string }>(statements.readMeta, ['identity']),
    ]);
    if (counter === undefined) throw new Error('the database has lost its counter; restore it from a backup');
    if (mustBeEmpty && counter.revision !== 1) throw new StoreNotEmptyError();
    const foreign = stored !== undefined && stored.value !== identity;
    const jumped = foreign || !(await leadsOn(connection, context, seen));
    const revision = jumped ? jumpFrom(Math.max(counter.revision, seen.revision)) : counter.revision;
    if (jumped) await connection.run(statements.jump, [revision]);
    if (foreign || stored === undefined) await connection.run(statements.writeMeta, ['identity', identity]);
    await connection.script('COMMIT');
    return { revision, jumped };
  } catch (error) {
    if (connection.alive) await connection.script('ROLLBACK');
    throw error;
  }
}

function isChange(row: LogRow, { type, previousRevision, object }: Change, sealing: Sealing): boolean {
  const written = toChange(row, sealing);
  const text = ({ key, uid, value, content }: Change['object']) =>
    JSON.stringify([key.resource, key.namespace, key.name, uid, value, content]);
  return (
    written.type === type && written.previousRevision === previousRevision && text(written.object) === text(object)
  );
}

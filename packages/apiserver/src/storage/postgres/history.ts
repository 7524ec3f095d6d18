import { jumpDistance } from '../jump-distance.ts';
import { StoreNotEmptyError } from '../not-empty.ts';
import type { Connection } from './connection.ts';
import type { Statements } from './statements.ts';

/**
 * Makes sure that the tables carry on the history of the server they are on. Where they do not (see `ServerFacts.identity`), or where
 * the counter is behind what was `seen`, the counter jumps and the log starts there. Of several processes one does it.
 * @returns the store's revision, and whether it jumped
 * @throws StoreNotEmptyError when the tables were to be without any history, and are not
 */
export async function continueHistory(
  connection: Connection,
  statements: Statements,
  identity: string,
  seen: number,
  mustBeEmpty = false,
): Promise<{ readonly revision: number; readonly jumped: boolean }> {
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
    const jumped = foreign || counter.revision < seen;
    const revision = jumped ? Math.max(counter.revision, seen) + jumpDistance : counter.revision;
    if (jumped) await connection.run(statements.jump, [revision]);
    if (foreign || stored === undefined) await connection.run(statements.writeMeta, ['identity', identity]);
    await connection.script('COMMIT');
    return { revision, jumped };
  } catch (error) {
    if (connection.alive) await connection.script('ROLLBACK');
    throw error;
  }
}

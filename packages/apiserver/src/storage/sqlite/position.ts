import { checkKey } from '../encryption-key.ts';
import { jumpFrom } from '../jump-distance.ts';
import { StoreNotEmptyError } from '../not-empty.ts';
import type { Statements } from './statements.ts';

/** How far the store is, as the thread keeps it in memory; written to `meta` with every transaction that moves it. */
export interface Position {
  /** The store's revision: that of the latest change. */
  revision: number;
  /** The log has every change after this revision. */
  oldest: number;
}

/** Where the counter and the log stand. */
export function readPosition(statements: Statements): Position {
  const read = (key: string): number => {
    const value = statements.readMeta.get(key)?.['value'];
    if (typeof value !== 'number' || !Number.isSafeInteger(value))
      throw new Error(`the database has no valid "${key}"`);
    return value;
  };
  return { revision: read('revision'), oldest: read('oldest') };
}

/**
 * Lets the counter of an empty store start beyond the revision of another one. The log starts there, too.
 * @throws StoreNotEmptyError
 */
export function beginAfter(statements: Statements, revision: number): void {
  if (readPosition(statements).revision !== 1) throw new StoreNotEmptyError();
  const start = jumpFrom(revision);
  statements.writeMeta.run('revision', start);
  statements.writeMeta.run('oldest', start);
}

/**
 * Makes sure that a database is opened with the key it was first written with.
 * @throws Error when the key is missing or another
 */
export function checkDatabaseKey(statements: Statements, key: Uint8Array | undefined): void {
  const stored = statements.readMeta.get('key_check')?.['value'];
  const check = checkKey(typeof stored === 'string' ? stored : undefined, key);
  if (stored === undefined && check !== undefined) statements.writeMeta.run('key_check', check);
}

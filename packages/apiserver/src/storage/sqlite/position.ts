import { createHmac } from 'node:crypto';
import type { Statements } from './statements.ts';

/** How far the store is, as the thread keeps it in memory; written to `meta` with every transaction that moves it. */
export interface Position {
  /** The store's revision: that of the latest change. */
  revision: number;
  /** The log has every change after this revision. */
  oldest: number;
}

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
 * Makes sure that a database is opened with the key it was first written with.
 * @throws Error when the key is missing or another
 */
export function checkKey(statements: Statements, key: Uint8Array | undefined): void {
  const stored = statements.readMeta.get('key_check')?.['value'];
  if (key === undefined) {
    if (stored !== undefined) throw new Error('the database has encrypted values, and no encryption key was given');
    return;
  }
  const check = createHmac('sha256', key).update('encryption key of this database').digest('hex');
  if (stored === undefined) statements.writeMeta.run('key_check', check);
  else if (stored !== check) throw new Error('the encryption key is not the one that the database was written with');
}

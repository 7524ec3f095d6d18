import { constants } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkKey } from '../encryption-key.ts';
import { jumpFrom } from '../jump-distance.ts';
import { makeDirectory } from '../make-directory.ts';
import { describeOpenError, openDatabase } from './database.ts';
import { readPosition } from './position.ts';
import { prepareStatements } from './statements.ts';

/** What `restoreSqliteStore` takes besides the backup. */
export interface RestoreOptions {
  /** The key that values in the backup are encrypted with, 32 bytes. */
  readonly key?: Uint8Array;
  /** Leaves out the objects that are encrypted, and forgets with which key they were. */
  readonly withoutEncrypted?: boolean;
}

/** What a restored store has. */
export interface RestoredStore {
  /** From which it goes on. */
  readonly revision: number;
  readonly objects: number;
  /** How many of the objects are encrypted. */
  readonly encrypted: number;
  /** How many encrypted objects were left out. */
  readonly leftOut: number;
}

/** Objects of a backup are encrypted with a key that was not given. */
export class MissingKeyError extends Error {
  /** How many. */
  readonly objects: number;

  constructor(objects: number, cause: unknown) {
    super(`${objects} of the objects are encrypted with a key that was not given`, { cause });
    this.name = 'MissingKeyError';
    this.objects = objects;
  }
}

/**
 * Makes the store of a directory from a backup. Clients may have seen revisions that were given out after the backup was made, so the
 * counter jumps, the log begins there, and watches that try to resume are told to list again.
 * @throws MissingKeyError when there are encrypted objects, and the key is missing or another
 * @throws Error when the directory has a store already, or the backup cannot be used
 * Nothing is left behind then.
 */
export async function restoreSqliteStore(
  backup: string,
  directory: string,
  options: RestoreOptions = {},
): Promise<RestoredStore> {
  await makeDirectory(directory);
  const file = join(directory, 'store.db');
  await copyFile(backup, file, constants.COPYFILE_EXCL);
  try {
    requireWholeStore(file);
    return restore(file, options);
  } catch (error) {
    for (const suffix of ['', '-wal', '-journal']) await rm(`${file}${suffix}`, { force: true });
    throw error;
  }
}

/** @throws Error when the file is empty, or damaged somewhere */
function requireWholeStore(file: string): void {
  const database = new DatabaseSync(file);
  const ask = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
  let answers: unknown[];
  try {
    answers = [ask('user_version'), ask('quick_check(1)')];
  } catch (error) {
    throw describeOpenError(file, error);
  } finally {
    database.close();
  }
  const [version, found] = answers;
  if (version === 0) throw new Error('the store in it is empty');
  if (found !== 'ok') throw new Error(`the store in it is damaged: ${String(found)}`);
}

function restore(file: string, { key, withoutEncrypted = false }: RestoreOptions): RestoredStore {
  const database = openDatabase(file);
  try {
    const statements = prepareStatements(database);
    const revision = jumpFrom(readPosition(statements).revision);
    const encrypted = count(database, "typeof(value) = 'blob'");
    const forgets = withoutEncrypted || encrypted === 0;
    if (!forgets) requireKey(statements.readMeta.get('key_check')?.['value'], key, encrypted);
    statements.begin.run();
    statements.writeMeta.run('revision', revision);
    statements.writeMeta.run('oldest', revision);
    database.exec('DELETE FROM log');
    if (forgets)
      database.exec("DELETE FROM objects WHERE typeof(value) = 'blob'; DELETE FROM meta WHERE key = 'key_check'");
    statements.commit.run();
    const left = forgets ? 0 : encrypted;
    return { revision, objects: count(database, 'true'), encrypted: left, leftOut: encrypted - left };
  } finally {
    database.close();
  }
}

function count(database: DatabaseSync, which: string): number {
  return Number(database.prepare(`SELECT count(*) AS count FROM objects WHERE ${which}`).get()?.['count']);
}

function requireKey(check: unknown, key: Uint8Array | undefined, objects: number): void {
  try {
    checkKey(typeof check === 'string' ? check : undefined, key);
  } catch (error) {
    throw new MissingKeyError(objects, error);
  }
}

/**
 * The lock of a data directory, or of a file in it: an exclusive transaction on a small SQLite file. The operating system releases it
 * whenever the process that holds it ends, however that happens.
 */

import { existsSync, lchownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { ownerOfDirectory } from './directory-owner.ts';
import { isForbidden, isMissingFile, isMissingProcess } from './system-errors.ts';

const POLL_MS = 50;
const BRIEF_POLL_MS = 10;
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOT_A_DATABASE = 26;
const LOCK_FILE = 'lock.sqlite';
const HOLDER_FILE = 'server.pid';

/** Another server uses the directory. */
export class DirectoryInUseError extends Error {
  constructor(directory: string, holder: number | undefined) {
    const who = holder === undefined ? 'another porch server' : `another porch server (pid ${holder})`;
    super(`data directory ${directory} is in use by ${who}; stop it first, or choose another directory`);
    this.name = 'DirectoryInUseError';
  }
}

/** A held lock. */
export interface DirectoryLock {
  release(): void;
}

/** The lock cannot be taken, for a reason that has nothing to do with others. */
class UnusableLockError extends Error {
  constructor(file: string, cause: Error, isDamaged: boolean) {
    const advice = isDamaged ? '; remove it when no server runs on the directory' : '';
    super(`the lock file ${file} cannot be used: ${cause.message}${advice}`, { cause });
    this.name = 'UnusableLockError';
  }
}

/** The primary result code of SQLite's, without what says more of it. */
function resultCodeOf(error: Error): number | undefined {
  return 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** @throws UnusableLockError */
function tryLock(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (!(error instanceof Error)) throw error;
    const code = resultCodeOf(error);
    if (code === SQLITE_BUSY) return undefined;
    throw new UnusableLockError(file, error, code === SQLITE_CORRUPT || code === SQLITE_NOT_A_DATABASE);
  }
}

function holderOf(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isMissingProcess(error)) return false;
    if (isForbidden(error)) return true;
    throw error;
  }
}

/** Whether a server has had the lock at some time. */
export function wasLocked(directory: string): boolean {
  return existsSync(join(directory, HOLDER_FILE));
}

/** Takes the lock for no server, or gives undefined when somebody has it. */
export function lockIfFree(directory: string): DirectoryLock | undefined {
  const database = tryLock(join(directory, LOCK_FILE));
  return database && { release: () => database.close() };
}

/**
 * Takes a lock that is held for moments only, with a file of its own, which is made where it is missing. Undefined where others have had
 * it for `waitMs` milliseconds.
 */
export async function lockBriefly(file: string, waitMs: number): Promise<DirectoryLock | undefined> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const database = tryLock(file);
    if (database !== undefined) {
      const owner = ownerOfDirectory(file);
      // Not what a link leads to: whoever owns the directory may have put one there.
      if (owner !== undefined) lchownSync(file, owner.uid, owner.gid);
      return { release: () => database.close() };
    }
    if (performance.now() > deadline) return undefined;
    await delay(BRIEF_POLL_MS);
  }
}

/**
 * Takes the lock for a server. A lock held for a living server is refused at once; one whose server is dead will be released when its
 * broker has cleaned up, so that is waited for.
 * @throws DirectoryInUseError
 * @throws UnusableLockError
 */
export async function lockDirectory(directory: string, serverPid: number, waitMs: number): Promise<DirectoryLock> {
  const holderFile = join(directory, HOLDER_FILE);
  const deadline = performance.now() + waitMs;
  for (;;) {
    const database = tryLock(join(directory, LOCK_FILE));
    if (database !== undefined) {
      writeFileSync(holderFile, `${serverPid}\n`, { mode: 0o600 });
      return { release: () => database.close() };
    }
    const holder = holderOf(holderFile);
    if ((holder !== undefined && isAlive(holder)) || performance.now() > deadline) {
      throw new DirectoryInUseError(directory, holder);
    }
    await delay(POLL_MS);
  }
}

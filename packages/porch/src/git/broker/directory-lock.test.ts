import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockBriefly, lockDirectory } from './directory-lock.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'directory-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a lock file that cannot be used is named, with what to do', async () => {
  const file = join(directory, 'lock.sqlite');
  writeFileSync(file, 'this is none, and long enough to be seen to be none');
  await expect(lockDirectory(directory, process.pid, 0)).rejects.toThrow(
    `the lock file ${file} cannot be used: file is not a database; remove it when no server runs on the directory`,
  );
  await expect(lockDirectory(join(directory, 'none'), process.pid, 0)).rejects.toThrow(
    /^the lock file \S+none\/lock\.sqlite cannot be used: unable to open database file$/,
  );
});

test('a lock that is held briefly is waited for, and no longer than told', async () => {
  const file = join(directory, 'file.lock');
  const first = await lockBriefly(file, 0);
  expect(await lockBriefly(file, 0)).toBeUndefined();
  const second = lockBriefly(file, 60_000);
  first?.release();
  (await second)?.release();
});

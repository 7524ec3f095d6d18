import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFilesOf, writePrivateFile } from '../data-files.ts';
import { copyIfThere, removeOldBackups, writeBackup } from './backup-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backup-files-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('what is written anew meanwhile is copied as it was or as it is, and nothing beside it is missing', async () => {
  const [from, to] = [join(directory, 'pki'), join(directory, 'copy')];
  await mkdir(from);
  const names = Array.from({ length: 20 }, (_, index) => `file-${String(index).padStart(2, '0')}`);
  for (const name of names) await writeFile(join(from, name), name);
  await writeFile(join(from, 'file-00.abc.tmp'), 'left by a server that was killed');
  let writing = true;
  const writer = (async () => {
    while (writing) await writePrivateFile(join(from, 'file-07'), 'file-07');
  })();
  for (let round = 0; round < 20; round++) {
    await copyIfThere(from, join(to, String(round)));
    expect((await readdir(join(to, String(round)))).sort()).toEqual(names);
  }
  writing = false;
  await writer;
});

test('what is not there is not copied', async () => {
  await copyIfThere(join(directory, 'none'), join(directory, 'copy'));
  expect(await readdir(directory)).toEqual([]);
});

const store = { backup: (path: string) => writeFile(path, 'the store') };

test('a backup gets its name when it is complete, and is for its owner only', async () => {
  const data = join(directory, 'data');
  await mkdir(join(data, 'keys'), { recursive: true });
  await writeFile(join(data, 'keys', 'secrets.key'), 'key');
  const backups = join(directory, 'backups');
  // What a server has left that was killed.
  await mkdir(join(backups, '.unfinished-porch-20260101T000000Z'), { recursive: true });
  const make = (backup = store.backup) =>
    writeBackup({ backup }, dataFilesOf(data), backups, new Date('2026-01-02T03:04:05.678Z'));
  await expect(make(() => Promise.reject(new Error('the disk is full')))).rejects.toThrow('the disk is full');
  expect(await readdir(backups)).toEqual([]);
  const path = await make();
  expect(path).toBe(join(backups, 'porch-20260102T030405Z'));
  expect((await readdir(path)).sort()).toEqual(['keys', 'store.db']);
  expect((await stat(path)).mode & 0o077).toBe(0);
});

test('of backups the newest are kept, and what is no backup is left alone', async () => {
  const names = ['porch-20260103T000000Z', 'porch-20260101T000000Z', 'porch-20260102T000000Z'];
  const others = ['porch-by-hand', 'notes'];
  for (const name of [...names, ...others]) await mkdir(join(directory, name));
  expect(await removeOldBackups(directory, 3)).toEqual([]);
  expect(await removeOldBackups(directory, 1)).toEqual(['porch-20260101T000000Z', 'porch-20260102T000000Z']);
  expect((await readdir(directory)).sort()).toEqual(['notes', 'porch-20260103T000000Z', 'porch-by-hand']);
});

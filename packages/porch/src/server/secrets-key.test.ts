import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DataFiles, dataFilesOf } from './data-files.ts';
import { secretsKey } from './secrets-key.ts';

let directory: string;
let files: DataFiles;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secrets-key-'));
  files = dataFilesOf(directory);
  await mkdir(dirname(files.secretsKey), { recursive: true });
  await mkdir(files.store, { recursive: true });
});
afterEach(() => rm(directory, { recursive: true }));

const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');

test('a key is made once, before there is anything that was encrypted', async () => {
  const key = await secretsKey(files, '');
  expect(key).toHaveLength(32);
  expect((await stat(files.secretsKey)).mode & 0o077).toBe(0);
  await writeFile(join(files.store, 'store.db'), '');
  expect(await secretsKey(files, '')).toEqual(key);
  await rm(files.secretsKey);
  await expect(secretsKey(files, '')).rejects.toThrow(/secrets\.key is missing; restore it from a backup, or name/);
});

test('a key that is named goes before that of the directory, and none is made in its place', async () => {
  const named = join(directory, 'named.key');
  await expect(secretsKey(files, named)).rejects.toThrow(/named\.key is missing; .* openssl rand -base64 32$/);
  await writeFile(named, `${base64(32)}\n`);
  expect(await secretsKey(files, named)).toEqual(Buffer.alloc(32, 7));
  await expect(readFile(files.secretsKey)).rejects.toThrow('ENOENT');
});

test.each([31, 33, 0])('a key of %i bytes is damaged', async (bytes) => {
  await writeFile(files.secretsKey, base64(bytes));
  const opening = secretsKey(files, '');
  await expect(opening).rejects.toThrow(/secrets\.key is damaged: it must hold 32 bytes in base64; restore it/);
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writePrivateFile } from './data-files.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'data-files-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a private file is replaced as a whole, and for its owner only', async () => {
  const path = join(directory, 'key');
  await writePrivateFile(path, 'one');
  await writePrivateFile(path, 'two');
  expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['two', 0o600]);
  expect(await readdir(directory)).toEqual(['key']);
});

test('a file that cannot be put in its place leaves nothing behind, and is named', async () => {
  await mkdir(join(directory, 'key', 'below'), { recursive: true });
  const path = join(directory, 'key');
  await expect(writePrivateFile(path, 'text')).rejects.toMatchObject({ path });
  expect(await readdir(directory)).toEqual(['key']);
});

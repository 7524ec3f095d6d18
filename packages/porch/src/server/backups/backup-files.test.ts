import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writePrivateFile } from '../data-files.ts';
import { copyIfThere } from './backup-files.ts';

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

import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeLeftovers, removeMirror, unusedMirrors } from './unused-mirrors.ts';

const hourMs = 3_600_000;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unused-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Directories that were used last so many hours ago. */
async function mirrors(ages: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, hours] of Object.entries(ages)) {
    const directory = join(root, name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'description'), `the mirror of ${name}\n`);
    const time = new Date(Date.now() - hours * hourMs);
    await utimes(directory, time, time);
  }
}

async function unused(...needed: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const name of unusedMirrors({ root, needed: new Set(needed), unusedMs: 24 * hourMs })) found.push(name);
  return found.sort();
}

test('what nobody needs goes a day after somebody needed it, however old it is', async () => {
  await mirrors({ old: 48, young: 1, needed: 48, 'half.gone': 48 });
  expect(await unused('needed')).toEqual(['old']);
  expect(await unused()).toEqual(['old']);
  expect(await unused('old')).toEqual([]);
  expect(await unused()).toEqual([]);
});

test('nothing is unused where there are no mirrors yet', async () => {
  await rm(root, { recursive: true });
  expect(await unused('needed')).toEqual([]);
  expect(await removeLeftovers(root)).toEqual([]);
  await mkdir(root);
});

test('a mirror is gone at once, with what a removal that was cut off has left of one of its name', async () => {
  await mirrors({ one: 1, 'one.gone': 1, other: 1 });
  expect(await removeMirror(root, 'one')).toBe('the mirror of one');
  expect(await readdir(root)).toEqual(['other']);
  await rm(join(root, 'other', 'description'));
  expect(await removeMirror(root, 'other')).toBe('other');
});

test('what removals that were cut off have left goes, and no mirror', async () => {
  await mirrors({ one: 1, 'other.gone': 1 });
  expect(await removeLeftovers(root)).toEqual([]);
  expect(await readdir(root)).toEqual(['one']);
});

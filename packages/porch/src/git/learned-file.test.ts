import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LearnedFile } from './learned-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-learned-'));
  path = join(directory, 'facts');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function opened(format = 'facts 1'): Promise<{ file: LearnedFile<unknown>; facts: unknown[] }> {
  const file = new LearnedFile<unknown>(path, format);
  const facts: unknown[] = [];
  await file.read(async (some) => void facts.push(...some));
  return { file, facts };
}

/** A file with these facts, each in a line of its own. */
async function written(...facts: readonly unknown[]): Promise<LearnedFile<unknown>> {
  const { file } = await opened();
  for (const fact of facts) await file.add([fact]);
  return file;
}

describe('facts', () => {
  test('come back in order, also very many', async () => {
    const many = Array.from({ length: 2500 }, (_, n) => ({ n, text: 'ünïcödé\n' }));
    const file = await written(['first']);
    await file.add(many);
    expect((await opened()).facts).toEqual([['first'], ...many]);
  });

  test('that are put in place of all are all there is', async () => {
    const file = await written(1, 2);
    await file.replace([3]);
    await file.add([4]);
    expect((await opened()).facts).toEqual([3, 4]);
  });

  test('of another format are forgotten', async () => {
    await written(1, 2);
    const { file, facts } = await opened('facts 2');
    expect(facts).toEqual([]);
    await file.add([3]);
    expect((await opened('facts 2')).facts).toEqual([3]);
  });

  test('need a file that has been read', async () => {
    await expect(new LearnedFile(path, 'facts 1').add([1])).rejects.toThrow('has not been read');
  });
});

describe('what was being written when the machine went down', () => {
  const damages: readonly (readonly [string, () => void])[] = [
    ['cut short', () => truncateSync(path, readFileSync(path).length - 3)],
    ['filled with zeros', () => appendFileSync(path, Buffer.alloc(100))],
    ['followed by half a line', () => appendFileSync(path, '0123456789abcdef[3')],
  ];
  test.each(damages)('and is %s is left out, and written over', async (_, damage) => {
    await written(1, 2, ['a', 'b']);
    damage();
    const { file, facts } = await opened();
    expect([1, 2, ['a', 'b']].slice(0, facts.length)).toEqual(facts);
    expect(facts.length).toBeGreaterThanOrEqual(2);
    await file.add(['next']);
    expect((await opened()).facts).toEqual([...facts, 'next']);
  });

  test('and is changed in the middle is not believed', async () => {
    await written(1, 'two', 3);
    writeFileSync(path, readFileSync(path, 'utf8').replace('two', 'six'));
    expect((await opened()).facts).toEqual([1]);
  });
});

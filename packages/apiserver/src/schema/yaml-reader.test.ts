import { afterEach, expect, it } from 'vitest';
import { readYaml } from './read-yaml.ts';
import { createYamlReader, readHereUpTo } from './yaml-reader.ts';

const reader = createYamlReader();
afterEach(() => reader.close());

const never = new AbortController().signal;
const long = Buffer.from(
  Array.from({ length: readHereUpTo / 4 }, (_, index) => `k${index}: {a: [1, "x", null]}`).join('\n'),
);

it('reads long bodies as it reads short ones, and lets others work meanwhile', async () => {
  expect(await reader.read(Buffer.from('a: 1\na: 2\n'), never)).toEqual({
    value: { a: 2 },
    problems: ['duplicate field "a"'],
  });
  let turns = 0;
  const counting = setInterval(() => turns++, 1);
  const read = await reader.read(long, never);
  clearInterval(counting);
  expect(turns).toBeGreaterThan(0);
  expect(read).toEqual(readYaml(long));
});

it('refuses in the same words', async () => {
  const broken = Buffer.concat([long, Buffer.from('\n  x: [\n')]);
  const deep = Buffer.from('['.repeat(readHereUpTo + 1));
  for (const body of [broken, deep]) {
    const refused = await reader.read(body, never).catch((error: Error) => error.message);
    expect(() => readYaml(body)).toThrow(String(refused));
  }
});

it('gives up a body whose client has left, and reads the next', async () => {
  const leaving = new AbortController();
  const gone = new Error('gone');
  const first = reader.read(long, leaving.signal);
  const second = reader.read(long, leaving.signal);
  const third = reader.read(long, never);
  leaving.abort(gone);
  await expect(first).rejects.toBe(gone);
  await expect(second).rejects.toBe(gone);
  expect((await third).problems).toEqual([]);
});

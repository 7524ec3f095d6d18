import { afterEach, describe, expect, it } from 'vitest';
import { type BodyFormat, createBodyReader, readHereUpTo } from './body-reader.ts';
import { readJson } from './read-json.ts';
import { readYaml } from './read-yaml.ts';

const reader = createBodyReader();
afterEach(() => reader.close());

const never = new AbortController().signal;
const lines = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}": {"a": [1, "x", null]}`);

const formats: Readonly<
  Record<BodyFormat, { readonly long: Buffer; readonly here: (body: Buffer) => unknown; readonly repeated: string }>
> = {
  json: {
    long: Buffer.from(`{${lines(readHereUpTo.json / 20).join(',')}}`),
    here: readJson,
    repeated: '{"a":1,"a":2}',
  },
  yaml: { long: Buffer.from(lines(readHereUpTo.yaml / 4).join('\n')), here: readYaml, repeated: 'a: 1\na: 2\n' },
};

describe.each(['json', 'yaml'] as const)('a reader of %s', (format) => {
  const { long, here, repeated } = formats[format];

  it('reads long bodies as it reads short ones, and lets others work meanwhile', async () => {
    expect(await reader.read(Buffer.from(repeated), format, never)).toEqual({
      value: { a: 2 },
      problems: ['duplicate field "a"'],
    });
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const read = await reader.read(long, format, never);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(0);
    expect(read).toEqual(here(long));
  });

  it('refuses in the same words', async () => {
    const broken = Buffer.concat([long, Buffer.from('\n  x: [\n')]);
    const deep = Buffer.from('['.repeat(readHereUpTo[format] + 1));
    const noText = Buffer.concat([long, Buffer.from([0xff])]);
    const many = Buffer.from(`[${'0,'.repeat(readHereUpTo[format] + 100_000)}0]`);
    for (const body of [broken, deep, noText, many]) {
      const refused = await reader.read(body, format, never).catch((error: Error) => error.message);
      expect(() => here(body)).toThrow(String(refused));
    }
  });

  it('gives up a body whose client has left, and reads the next', async () => {
    const leaving = new AbortController();
    const gone = new Error('gone');
    const first = reader.read(long, format, leaving.signal);
    const second = reader.read(long, format, leaving.signal);
    const third = reader.read(long, format, never);
    leaving.abort(gone);
    await expect(first).rejects.toBe(gone);
    await expect(second).rejects.toBe(gone);
    expect((await third).problems).toEqual([]);
  });
});

it.each([
  ['brackets', '[', 'the object is nested more than 100 levels deep'],
  ['documents', '---\n', /^the body has more than \d+ fields and elements of lists$/],
  ['dashes', '- ', /^the body has more than \d+ fields and elements of lists$/],
])('refuses YAML of nothing but %s before it takes all memory', async (_, text, message) => {
  const body = Buffer.from(text.repeat(20_000_000 / text.length));
  await expect(reader.read(body, 'yaml', never)).rejects.toThrow(message);
});

it('takes as many values as long bodies have', async () => {
  const text = 'x'.repeat(1000);
  const body = Buffer.from(JSON.stringify(Array.from({ length: 110_000 }, () => text)));
  expect(await reader.read(body, 'json', never)).toMatchObject({ value: { length: 110_000 } });
});

it('tells of repeated keys in long JSON', async () => {
  const body = Buffer.from(`{"a":1,"a":"${'x'.repeat(readHereUpTo.json)}"}`);
  expect((await reader.read(body, 'json', never)).problems).toEqual(['duplicate field "a"']);
});

import { describe, expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile } from './resource-file.ts';

/** The lines that setting a field of a text to a value has made. */
function setting(text: string, path: readonly (string | number)[], value: string): string {
  const documents = parseResources('a.yaml', text);
  for (const document of documents) new KrmObject(document, 'a.yaml', 0).set(path, value);
  const printed = printFile('a.yaml', documents);
  const [again] = parseResources('a.yaml', printed);
  expect(again && new KrmObject(again).get(path)).toBe(value);
  const before = text.split('\n');
  return printed
    .split('\n')
    .filter((line) => !before.includes(line))
    .join('\n');
}

describe('texts that other readers of YAML would take for something else', () => {
  const places = [
    ['a: plain\nz: 1\n', ''],
    ['a: "quoted"\nz: 1\n', ''],
    ['a: |\n  block\nz: 1\n', ''],
    ['z: 1\n', ''],
    ['a: plain # why\nz: 1\n', ' # why'],
  ] as const;

  it.each([
    ['line separators', 'x\u2028y', '"x\\u2028y"'],
    ['a line end of YAML 1.1', 'x\u0085y\n', '"x\\u0085y\\n"'],
    ['controls', 'x\u007f\u0001\r', '"x\\u007f\\u0001\\r"'],
    ['marks of byte order', '\ufeffx', '"\\ufeffx"'],
    ['nothing but line ends', '\n', '"\\n"'],
    ['nothing but blanks and line ends', ' \n\n', '" \\n\\n"'],
    ['nothing but blanks, tabs and line ends', ' \t\n', '" \\t\\n"'],
    ['a first line that begins with a tab', '\n\tx\ny\n', '"\\n\\tx\\ny\\n"'],
    ['a hexadecimal number with a capital letter', '0X1F', '"0X1F"'],
    ['an octal number with a sign', '-0o17', '"-0o17"'],
    ['a binary number with a capital letter', '0B11', '"0B11"'],
    ['what stands for other texts while printing', '\ue0000\ue001', '"\\ue0000\\ue001"'],
  ])('are quoted and spelled out: %s', (_, value, printed) => {
    for (const [text, comment] of places) {
      expect(setting(text, ['a'], value)).toBe(`a: ${printed}${comment}`);
    }
  });

  it('are quoted as keys and elements too', () => {
    expect(setting('a:\n  b: 1\n', ['a', 'x\u2028y'], 'v')).toBe('  "x\\u2028y": v');
    expect(setting('a:\n- x\n- y\n', ['a', 1], '0X1F')).toBe('- "0X1F"');
  });

  it('are quoted in brackets, where a question mark or a colon at the start begins something else', () => {
    expect(setting('a: {b: x, c: y}\n', ['a', 'b'], 'http://h/?q=1')).toBe('a: {b: "http://h/?q=1", c: y}');
    expect(setting('a: {b: x}\n', ['a', 'c'], ':80')).toBe('a: {b: x, c: ":80"}');
    expect(setting('a: {b: x}\n', ['a', 'c'], 'nginx:1.2')).toBe('a: {b: x, c: nginx:1.2}');
    expect(setting('a: {b: x}\n', ['a', 'c'], '{"d": 1}')).toBe(`a: {b: x, c: '{"d": 1}'}`);
  });

  it('leaves letters of all languages, tabs within lines and blocks as they are', () => {
    expect(setting('a: |\n  block\n', ['a'], 'é 😀\u00a0\u200b\tx\n  y\n')).toBe('  é 😀\u00a0\u200b\tx\n    y');
  });

  it.each(['0b395c2bb6a61b40231f0ad511128ebdae792a24', '0B12', '0o18', '0x1g', '0b', '0x'])(
    'leaves what only begins like a number as it is: %s',
    (value) => {
      expect(setting('z: 1\n', ['a'], value)).toBe(`a: ${value}`);
      expect(setting('a: {b: x}\n', ['a', 'c'], value)).toBe(`a: {b: x, c: ${value}}`);
    },
  );

  it('are spelled out in JSON, which others read as YAML', () => {
    const documents = parseResources('a.json', '{"a": "x"}\n');
    for (const document of documents) new KrmObject(document).set(['a'], 'x\u2028\u007f\ty');
    expect(printFile('a.json', documents)).toBe('{\n  "a": "x\\u2028\\u007f\\ty"\n}\n');
  });

  it('leaves numbers of other readers as they stood', () => {
    expect(setting('a: {b: 0X1F}\n', ['a', 'c'], '0X1F')).toBe('a: {b: 0X1F, c: "0X1F"}');
  });

  it('writes halves of pairs as what they become in a file', () => {
    const [document] = parseResources('a.yaml', 'a: x\n');
    if (document === undefined) throw new Error('no document');
    new KrmObject(document).set(['a'], 'b\ud800');
    expect(printFile('a.yaml', [document])).toBe('a: "b\ufffd"\n');
  });
});

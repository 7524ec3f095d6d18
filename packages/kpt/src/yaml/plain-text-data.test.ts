import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMap, isScalar, isSeq } from 'yaml';
import { keyText, scalarText } from './node-edits.ts';
import { type PlainData, plainTextData } from './plain-text-data.ts';
import { parseResources } from './resource-file.ts';

/** What the parser that knows all of YAML makes of a text with one document. */
function parsed(text: string): PlainData {
  const documents = parseResources('file.yaml', text);
  expect(documents).toHaveLength(1);
  return spelled(documents[0]?.document.contents);
}

function spelled(node: unknown): PlainData {
  if (isMap(node)) {
    const mapping: Record<string, PlainData> = Object.create(null);
    for (const { key, value } of node.items) mapping[keyText(key)] = spelled(value);
    return mapping;
  }
  if (isSeq(node)) return node.items.map(spelled);
  if (!isScalar(node)) throw new Error('an alias, or nothing');
  return node.value === null ? null : scalarText(node);
}

const text = `# How it came here.
apiVersion: kpt.dev/v1   # the only one
kind: Kptfile

metadata:
  name: shop
  labels:
    app.kubernetes.io/name: shop
    port: 0x1F
    version: 1.10
    empty: ""
    "no": 'no'
  annotations: {}
`;

describe('a text of simple lines', () => {
  test('is read with scalars as they are written', () => {
    const simple = text.replace('"no"', 'no');
    expect(plainTextData(simple)).toEqual({
      apiVersion: 'kpt.dev/v1',
      kind: 'Kptfile',
      metadata: {
        name: 'shop',
        labels: { 'app.kubernetes.io/name': 'shop', port: '0x1F', version: '1.10', empty: '', no: 'no' },
        annotations: {},
      },
    });
    expect(plainTextData(simple)).toEqual(parsed(simple));
  });

  test.each([
    ['sequences below their key', 'a:\n- x\n- y: 1\n  z: 2\nb: c\n', { a: ['x', { y: '1', z: '2' }], b: 'c' }],
    ['indented sequences', 'a:\n    -   x: 1\n        y:\n        - z\nb: c', { a: [{ x: '1', y: ['z'] }], b: 'c' }],
    ['short lists', 'a: [web, example ,x.y/z] # three\nb: []', { a: ['web', 'example', 'x.y/z'], b: [] }],
    [
      'nulls',
      'a:\nb: null\nc: # nothing\nd: [null]\ne:\n- Null\n',
      { a: null, b: null, c: null, d: [null], e: [null] },
    ],
    ['signs in quotes', `a: "a: b # c"\nb: 'x: "y"'  # z\n`, { a: 'a: b # c', b: 'x: "y"' }],
    ['signs that mean nothing there', 'a: x#y:z, [u] & *v!\n', { a: 'x#y:z, [u] & *v!' }],
    ['other alphabets', 'a: x\u00e4\u2014\u4e2d\nb: "\u4e2d"\n', { a: 'x\u00e4\u2014\u4e2d', b: '\u4e2d' }],
  ])('may have %s', (_, simple, data) => {
    expect(plainTextData(simple)).toEqual(data);
    expect(parsed(simple)).toEqual(data);
  });
});

describe('a text that is not simple', () => {
  test.each([
    ['nothing', ''],
    ['only comments', '# nothing\n'],
    ['a sequence', '- a\n'],
    ['a scalar', 'a\n'],
    ['a marker of documents', '---\na: b\n'],
    ['two documents', 'a: b\n---\na: b\n'],
    ['an end of documents', 'a: b\n...\n'],
    ['a key in quotes', text],
    ['a key twice', 'a: b\nc: d\na: e\n'],
    ['a key that is null', 'null: a\n'],
    ['a key to be merged', 'a: &x {}\nb:\n  <<: *x\n'],
    ['an anchor', 'a: &x b\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a text of several lines', 'a: b\n  c\n'],
    ['quotes over several lines', 'a: "b\n  c"\n'],
    ['a block', 'a: |\n  b\n'],
    ['an escape', 'a: "\\t"\n'],
    ['quotes in quotes', "a: 'it''s'\n"],
    ['a mapping in brackets', 'a: {b: c}\n'],
    ['a comma at the end', 'a: [b,]\n'],
    ['a mapping within a line', 'a: b: c\n'],
    ['a sequence within a line', 'a: - b\n'],
    ['a sequence in a sequence', 'a:\n- - b\n'],
    ['a dash alone', 'a:\n-\n  b: c\n'],
    ['a tab', 'a:\tb\n'],
    ['line ends of another system', 'a: b\r\n'],
    ['a byte order mark', '\ufeffa: b\n'],
    ['a blank of another kind', 'a: b\u00a0\n'],
    ['a wrong indentation', 'a:\n    b: c\n  d: e\n'],
    ['an indented top', '  a: b\n'],
    ['something behind quotes', 'a: "b" c\n'],
    ['no blank before a comment', 'a: "b"#c\n'],
    ['brackets that do not end, before very many blanks', `a: [${' '.repeat(1_000_000)}\n`],
    ['words in brackets that do not end, and blanks', `a: [${'b , '.repeat(50_000)}${' '.repeat(1_000_000)}\n`],
    ['quotes that end, with blanks and more behind', `a: "b"${' '.repeat(1_000_000)}c\n`],
    ['a deep structure', `${Array.from({ length: 60 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')}`],
  ])('is left to the parser: %s', (_, other) => {
    expect(plainTextData(other)).toBeUndefined();
  });
});

/** Trees of what simple texts may hold, and the texts. */
type Tree = string | readonly Tree[] | readonly (readonly [key: string, value: Tree])[];

const words = ['x', 'x y', '1.10', '0x1f', 'true', 'null', 'Null', '"x"', "'x: y'", '[]', '[x, y]', '[null]', '{}', ''];
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(...words, 'x#y', 'a/b:c', 'x, y', '.x', '_x', 'x\u00e4\u4e2d', 'https://x.y/z'),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c.d/e-f', 'no'), tie('tree')), {
      minLength: 1,
      maxLength: 3,
      selector: ([key]) => key,
    }),
  ),
}));

const isMapping = (value: Tree): value is readonly (readonly [string, Tree])[] =>
  Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length === 2 && /^[a-z]/.test(entry[0]));

/** The lines of a tree below a key, or at the top. */
function linesOf(value: Tree, indent: string): string[] {
  if (typeof value === 'string') return [`${indent}${value}`];
  if (isMapping(value)) {
    return value.flatMap(([key, inner]) =>
      typeof inner === 'string'
        ? [`${indent}${key}: ${inner}`]
        : [`${indent}${key}:`, ...linesOf(inner, isMapping(inner) ? `${indent}  ` : indent)],
    );
  }
  return value.flatMap((item) => {
    const [first = '', ...others] = linesOf(item as Tree, `${indent}  `);
    return [`${indent}- ${first.trimStart()}`, ...others];
  });
}

/** What is put anywhere into a text: most of it makes another text, or none. */
const pieces = fc.constantFrom(
  ...' |  |\n|\n\n|\n  |\n- |- |-|:|: |a: |\na: |\n  a: |#| # c|\n# c\n|"|\'|[|]|[x, y]|,|{|}|{}|*x|&x |!t |%|@|`|>|?|? |~|-1|...|\n---\n|\t|\r|\u2028|\u00a0|\ufeff'.split(
    '|',
  ),
  '|',
  '|-\n',
);
const changes = fc.array(fc.record({ at: fc.nat(200), removed: fc.constantFrom(0, 0, 0, 1, 2), piece: pieces }), {
  maxLength: 2,
});

/** Texts that are simple, or nearly. */
const texts = fc.tuple(tree.filter(isMapping), changes).map(([top, changed]) => {
  let any = `${linesOf(top, '').join('\n')}\n`;
  for (const { at, removed, piece } of changed) {
    const place = at % (any.length + 1);
    any = any.slice(0, place) + piece + any.slice(place + removed);
  }
  return any;
});

test('whatever is read is what the parser makes of it', () => {
  let read = 0;
  fc.assert(
    fc.property(texts, (any) => {
      const data = plainTextData(any);
      if (data === undefined) return;
      read += 1;
      expect(data).toEqual(parsed(any));
    }),
    { numRuns: 10_000, seed: 11 },
  );
  expect(read).toBeGreaterThan(1000);
});

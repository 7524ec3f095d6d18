import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, isMap, isScalar, type Node, parseDocument } from 'yaml';
import { countReads } from '../testing/count-reads.ts';
import { changedValue, oddDocument } from '../testing/odd-documents.ts';
import { adoptNode } from './adopt-node.ts';
import { printDocument } from './print-document.ts';
import { ResourceDocument } from './resource-document.ts';

/** The text of a document that has been made to say what another one says. */
function adopted(text: string, wanted: string): string {
  const resource = ResourceDocument.parse(text);
  const other: Document = parseDocument(wanted);
  adoptNode(resource.document, other.contents as Node, other);
  return printDocument(resource);
}

describe('aliases', () => {
  const text = 'name: &n a # n\nlabels: &l\n  app: x\nsel: *l # sel\nlist: [*n, b]\n';

  it.each([
    ['stay beside a change', 'name: a\nlabels: {app: x}\nsel: {app: x}\nlist: [a, b]\nz1: 1', `${text}z1: 1\n`],
    [
      'stay where both change alike',
      'name: a\nlabels: {app: z}\nsel: {app: z}\nlist: [a, b]',
      text.replace('app: x', 'app: z'),
    ],
    [
      'go where they would change with their anchors, and leave their comments',
      'name: a\nlabels: {app: z}\nsel: {app: x}\nlist: [a, b]',
      text.replace('app: x', 'app: z').replace('sel: *l # sel\n', 'sel: # sel\n  app: x\n'),
    ],
    ['go with their anchors', 'labels: {app: x}\nsel: {app: x}\nlist: [a, b]', text.slice(15).replace('*n', 'a')],
  ])('%s', (_, wanted, expected) => {
    expect(adopted(text, wanted)).toBe(expected);
  });

  it('of what was null go with their anchors', () => {
    expect(adopted('a: &n ~\nb: *n\n', 'b: ~')).toBe('b: ~\n');
  });
});

it.each([
  ['a list that stays in brackets', 'a: [x]\nb: 1\n', 'a: # s\n- x\nb: 1', 'a: [x] # s\nb: 1\n'],
  ['a list in brackets', 'a: [x]\nb: 1\n', 'a: [x] # s\nb: 1', 'a: [x] # s\nb: 1\n'],
  ['a list that had it behind its brackets', 'a: [x] # s\nb: 1\n', 'a: # s\n- z\nb: 1', 'a: [z] # s\nb: 1\n'],
  ['a list that had it behind its key', 'a: # s\n- x\nb: 1\n', 'a: [z] # s\nb: 1', 'a: # s\n- z\nb: 1\n'],
  ['a list that becomes empty', 'a: # s\n- x\nb: 1\n', 'a: [] # s\nb: 1', 'a: [] # s\nb: 1\n'],
  ['a list in the place of a text', 'a: x # o\nb: 1\n', 'a: # s\n- z\nb: 1', 'a: # s\n- z\nb: 1\n'],
  ['an item in brackets', 'a:\n- [x]\nb: 1\n', 'a:\n- [x] # s\nb: 1', 'a:\n- [x] # s\nb: 1\n'],
])('takes over the comment of %s', (_, text, wanted, expected) => {
  const read = (from: string) => ResourceDocument.parse(`${from}\n`);
  const resource = read(text.trimEnd());
  const { document } = read(wanted);
  adoptNode(resource.document, document.contents as Node, document);
  expect(printDocument(resource)).toBe(expected);
});

it('looks at anchors as often as there are aliases, not at all of them for each', () => {
  const text = Array.from({ length: 1000 }, (_, i) => `k${i}: &a${i} v\nl${i}: *a${i}\n`).join('');
  const resource = ResourceDocument.parse(text);
  const { contents } = resource.document;
  const anchored = isMap(contents) ? contents.items.map(({ value }) => value).filter(isScalar) : [];
  const reads = countReads(anchored, 'anchor');
  const other: Document = parseDocument(
    text
      .replaceAll(/&a\d+ /g, '')
      .replaceAll(/\*a\d+/g, 'v')
      .concat('z: 1\n'),
  );
  adoptNode(resource.document, other.contents as Node, other);
  expect(printDocument(resource)).toBe(`${text}z: 1\n`);
  expect(reads()).toBeGreaterThan(1000);
  expect(reads()).toBeLessThan(50_000);
});

it('tells keys apart that are mappings or sequences', () => {
  const text = '? {a: b}\n: y\n? [q]\n: z\n';
  expect(adopted(text, text)).toBe(text);
  expect(adopted(text, `${text}k: v\n`)).toBe(`${text}k: v\n`);
  expect(adopted(text, text.replace('y', 'x'))).toBe(text.replace('y', 'x'));
});

it('aliases stay where an anchor before them changes, and those of what does not', () => {
  expect(adopted('a: &a 5\nb: *a\nc: &c [x]\nd: *c\ne: {f: *c}\n', 'a: x\nb: 5\nc: [x]\nd: [x]\ne: {f: [x]}\n')).toBe(
    'a: x\nb: 5\nc: &c [x]\nd: *c\ne: {f: *c}\n',
  );
});

it('the comment of an alias in a list goes above what takes its place, not into the text before', () => {
  const text = 'a: &a # m\n  k: v\nlist:\n- |\n  text\n- *a # c\n';
  expect(adopted(text, 'a: {k: w}\nlist: ["text\\n", {k: v}]\n')).toBe(
    'a: &a # m\n  k: w\nlist:\n- |\n  text\n# c\n- k: v\n',
  );
});

it('a comment stays beside the key of what a mapping takes the place of', () => {
  expect(adopted('a: {} # c\nb: x # d\n', 'a:\n  k: v\nb:\n- 1\n')).toBe('a: # c\n  k: v\nb: # d\n- 1\n');
});

it('any document says what it was made to say', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat(5039)), (numbers) => {
      const choose = (below: number) => (below === 0 ? 0 : numbers.next().value % below);
      const resource = oddDocument(choose);
      if (resource === undefined) return;
      const wanted = changedValue(changedValue(resource.document.toJS(), choose), choose);
      const other: Document = parseDocument(JSON.stringify(wanted));
      adoptNode(resource.document, other.contents as Node, other);
      const printed = printDocument(resource);
      const read = parseDocument(printed);
      const message = `${resource.origin?.text}\n=> ${JSON.stringify(wanted)}\n${printed}`;
      expect(read.errors, message).toEqual([]);
      expect(read.toJS(), message).toEqual(wanted);
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) },
  );
});

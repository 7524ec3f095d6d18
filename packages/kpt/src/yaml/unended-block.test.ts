import { expect, it } from 'vitest';
import { KrmObject } from './krm-object.ts';
import { parseResources, printFile } from './resource-file.ts';

/** A text after a field of it has been set, and what another field says then to who reads it again. */
function setting(text: string, field: string, value: string): { printed: string; reread: unknown } {
  const documents = parseResources('a.yaml', text);
  for (const document of documents) new KrmObject(document).set(['data', field], value);
  const printed = printFile('a.yaml', documents);
  const [document] = parseResources('a.yaml', printed);
  return { printed, reread: document && new KrmObject(document).get(['data', 'run']) };
}

it.each([
  ['|\n    a', 'a'],
  ['|\n    a\n    b', 'a\nb'],
  ['>\n    a\n    b', 'a b'],
  ['|+\n    a', 'a'],
  ['|-\n    a', 'a'],
  ['|\n    # a', '# a'],
  ['|\n    a\n  # not in it', 'a\n'],
  ['|\n    a\n', 'a\n'],
])('a block that ends with the text has as many line ends as the text: %j', (block, value) => {
  const text = `data:\n  other: x\n  run: ${block}`;
  const [document] = parseResources('a.yaml', text);
  expect(document && new KrmObject(document).get(['data', 'run'])).toBe(value);
  expect(setting(text, 'other', 'z')).toEqual({ printed: text.replace('x', 'z'), reread: value });
  expect(setting(text, 'third', 'z').reread).toBe(value);
});

it('gives a block that keeps its blank lines no more of them', () => {
  const documents = parseResources('a.yaml', 'a:\n  b: |+\n    t\n\n  c: x\n\nd: y\n');
  const [document] = documents;
  if (document === undefined) throw new Error('no document');
  new KrmObject(document).delete(['a', 'c']);
  const [again] = parseResources('a.yaml', printFile('a.yaml', documents));
  expect(again?.document.toJS()).toEqual({ a: { b: 't\n\n' }, d: 'y' });
});

it('ends the text where a block gets a line end', () => {
  const { printed, reread } = setting('data:\n  run: |\n    a', 'run', 'b\nc\n');
  expect(printed).toBe('data:\n  run: |\n    b\n    c\n');
  expect(reread).toBe('b\nc\n');
});

it('keeps what a block says when another document follows it', () => {
  const [first] = parseResources('a.yaml', 'data:\n  run: |\n    a');
  const [second] = parseResources('b.yaml', 'b: 1\n');
  if (first === undefined || second === undefined) throw new Error('no document');
  const [again] = parseResources('a.yaml', printFile('a.yaml', [first, second]));
  expect(again && new KrmObject(again).get(['data', 'run'])).toBe('a');
});

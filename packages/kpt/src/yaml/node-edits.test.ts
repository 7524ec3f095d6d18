import { expect, test } from 'vitest';
import { KrmObject } from './krm-object.ts';
import type { FieldValue } from './node-edits.ts';
import { printDocument } from './print-document.ts';
import { ResourceDocument } from './resource-document.ts';

test.each<[what: string, before: string, value: FieldValue, after: string]>([
  ['a shorter list', 'f:\n- a # a\n- b\n', ['a'], 'f:\n- a # a\n'],
  ['a longer list', 'f:\n- a # a\n', ['a', 'b'], 'f:\n- a # a\n- b\n'],
  ['an empty list', 'f: [a]\n', [], 'f: []\n'],
  ['other fields', 'f:\n  a: 1 # a\n  b: 2\n', { a: 1, c: 3 }, 'f:\n  a: 1 # a\n  c: 3\n'],
  ['a line in the place of a folded text', 'f: >\n  a\n  b\n', 'c', 'f: c\n'],
  ['a line in the place of a text of lines', 'f: |\n  a\n  b\n', 'c', 'f: c\n'],
  ['other lines', 'f: |\n  a\n  b\n', 'c\nd\n', 'f: |\n  c\n  d\n'],
])('a field is made to hold %s', (_, before, value, after) => {
  const document = ResourceDocument.parse(before);
  new KrmObject(document).set(['f'], value);
  expect(printDocument(document)).toBe(after);
});

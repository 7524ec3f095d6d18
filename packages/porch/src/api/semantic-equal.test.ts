import { expect, test } from 'vitest';
import { semanticEqual } from './semantic-equal.ts';

test.each<[string, unknown]>([
  ['a list', []],
  ['a map', {}],
  ['a text', ''],
  ['a number', 0],
  ['a truth', false],
  ['a value', null],
  ['a map of such', { a: { b: [] } }],
])('a client that leaves out %s that is empty means the same', (_, empty) => {
  expect(semanticEqual({ kept: 1, field: empty }, { kept: 1 })).toBe(true);
  expect(semanticEqual({ kept: 1 }, { kept: 1, field: empty })).toBe(true);
});

test.each<[string, unknown, unknown]>([
  ['a truth', { blockOwnerDeletion: true }, {}],
  ['an element of a list, however empty', { list: ['', 'a'] }, { list: ['a'] }],
  ['a label without a value', { labels: { a: '' } }, { labels: {} }],
  ['an annotation without a value', { annotations: { a: '' } }, {}],
])('%s makes a difference', (_, one, other) => {
  expect(semanticEqual(one, other)).toBe(false);
  expect(semanticEqual(other, one)).toBe(false);
});

test('labels and annotations that are empty make none', () => {
  expect(semanticEqual({ labels: {}, annotations: {} }, {})).toBe(true);
});

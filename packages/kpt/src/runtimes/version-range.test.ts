import { expect, it } from 'vitest';
import { highestInRange, isTagOrRange } from './version-range.ts';

const tags = [
  'v0.1',
  'v0.2.0',
  'v0.2.7',
  'v0.3.0-rc.1',
  '0.4.1',
  'v1.2.3',
  'latest',
  'sha256-abc',
  'v0.2.0-git-1',
  '2024-01-v1',
];

it.each([
  ['~0.2', 'v0.2.7'],
  ['~v0.2', 'v0.2.7'],
  ['^0.2', 'v0.2.7'],
  ['0.2.x', 'v0.2.7'],
  ['*', 'v1.2.3'],
  ['>= 0.2, < 1', '0.4.1'],
  ['>=0.2 <1', '0.4.1'],
  ['=>0.2,=<0.4.1', '0.4.1'],
  ['0.1 - 0.2', 'v0.2.7'],
  ['0.1 - 0.2.1', 'v0.2.0'],
  ['~0.9 || ~0.1', 'v0.1'],
  ['!=1.2.3', '0.4.1'],
  ['>0.2, !=0.4.1, <1', undefined],
  ['<0.1', undefined],
  ['~0.3.0-0', 'v0.3.0-rc.1'],
  ['~0.3', undefined],
])('of all tags, %s stands for %s', (range, tag) => {
  expect(highestInRange(tags, range)).toBe(tag);
});

it.each(['~', '~a', '>=', '1 ||', ''])('%j is no range', (range) => {
  expect(() => highestInRange(tags, range)).toThrow('is no range of versions');
});

it.each([
  ['v0.2', true],
  ['latest', true],
  ['>=0.1, <0.3', true],
  ['>>', false],
  ['a b', false],
  ['a/b', false],
  ['', false],
])('whether %j is a tag or a range is %j', (text, is) => {
  expect(isTagOrRange(text)).toBe(is);
});

it('a text without end is no range', () => {
  expect(isTagOrRange(`>${'a'.repeat(2_000_000)}`)).toBe(false);
});

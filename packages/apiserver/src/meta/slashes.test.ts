import { describe, expect, it, test } from 'vitest';
import { withoutLastSlashes, withoutOuterSlashes } from './slashes.ts';

test.each([
  ['', '', ''],
  ['/', '', ''],
  ['a', 'a', 'a'],
  ['//a//b//', '//a//b', 'a//b'],
])('%j', (text, withoutLast, withoutOuter) => {
  expect([withoutLastSlashes(text), withoutOuterSlashes(text)]).toEqual([withoutLast, withoutOuter]);
});

describe('a long row of slashes', () => {
  const slashes = '/'.repeat(300_000);

  it.each([
    ['in the middle', `a${slashes}b`, `a${slashes}b`],
    ['at the ends', `${slashes}a${slashes}`, 'a'],
  ])('%s is looked at once', (_, text, trimmed) => {
    expect(withoutOuterSlashes(text) === trimmed).toBe(true);
  });
});

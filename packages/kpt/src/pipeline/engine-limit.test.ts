import { expect, test } from 'vitest';
import { isEngineLimit } from './engine-limit.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function endless(): number {
  return 1 + endless();
}

test.each<[string, () => unknown]>([
  ['a recursion', endless],
  ['a text', () => 'x'.repeat(2 ** 29).concat('x'.repeat(2 ** 29))],
  ['a list', () => new Array(2 ** 32)],
  ['a regular expression', () => /^(?:a|b(?! ))*(?<=a)$/.test('a'.repeat(30_000_000))],
])('%s that is too large is one', (_, work) => {
  expect(isEngineLimit(thrownBy(work))).toBe(true);
});

test.each<[string, () => unknown]>([
  ['a wrong argument', () => (1).toFixed(1000)],
  ['a wrong count', () => 'x'.repeat(-1)],
  ['another error', () => JSON.parse('{')],
])('%s is none', (_, work) => {
  const error = thrownBy(work);
  expect(error).toBeInstanceOf(Error);
  expect(isEngineLimit(error)).toBe(false);
});

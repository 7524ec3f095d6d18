import { expect, it } from 'vitest';
import { parseGoDuration } from './go-duration.ts';

it.each([
  ['32s', 32_000],
  ['1m30s', 90_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['0', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});

it.each(['soon', '1', '1s2', '-1s', '1 s', ''])('refuses %j', (text) => {
  expect(() => parseGoDuration(text)).toThrow(expect.objectContaining({ code: 400 }));
});

it.each(['1', '1.', '.', '1s1', '1s'])('refuses a long row of %j in no time', (part) => {
  expect(() => parseGoDuration(part.repeat(300_000))).toThrow(expect.objectContaining({ code: 400 }));
});

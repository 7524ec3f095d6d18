import { expect, it } from 'vitest';
import { ageSince, humanDuration } from './age.ts';

const m = 60;
const h = 60 * m;
const d = 24 * h;

it.each([
  [-5, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [9 * m + 59, '9m59s'],
  [10 * m + 5, '10m'],
  [179 * m, '179m'],
  [3 * h, '3h'],
  [7 * h + 59 * m, '7h59m'],
  [8 * h + 59 * m, '8h'],
  [47 * h, '47h'],
  [2 * d, '2d'],
  [7 * d + 23 * h, '7d23h'],
  [8 * d + h, '8d'],
  [729 * d, '729d'],
  [730 * d, '2y'],
  [3 * 365 * d + 4 * d, '3y4d'],
  [9 * 365 * d, '9y'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanDuration(seconds)).toBe(text);
});

it('does not guess an age', () => {
  expect(ageSince('', 0)).toBe('<unknown>');
  expect(ageSince('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:01:00Z'))).toBe('60s');
});

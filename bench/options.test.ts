import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const names = ['get', 'list'];

test('reads sizes and scenarios', () => {
  expect(readOptions([], names)).toMatchObject({ sizes: [10, 1000, 10_000], quick: false, only: undefined });
  expect(readOptions(['--quick'], names)).toMatchObject({ sizes: [10, 1000], quick: true });
  const chosen = readOptions(['--sizes', '500,20', '--only', 'list'], names);
  expect(chosen).toMatchObject({ sizes: [20, 500], only: new Set(['list']) });
  expect(readOptions(['--help'], names)).toBeUndefined();
});

test.each([
  [['--sizes', '10,x'], '--sizes: give whole numbers'],
  [['--sizes', '0'], '--sizes: give whole numbers'],
  [['--only', 'gte'], 'no scenario gte; there are get, list'],
  [['--fast'], "Unknown option '--fast'"],
])('refuses %j', (args, message) => {
  expect(() => readOptions(args, names)).toThrow(message);
});

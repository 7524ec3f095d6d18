import { expect, test } from 'vitest';
import { growthPerLifecycle } from './growth.ts';

const samples = (value: (lifecycles: number) => number, count = 40) =>
  Array.from({ length: count }, (_, index) => ({ lifecycles: index * 10, value: value(index * 10) }));

test('what grows with each lifecycle shows, whatever garbage lies on top of it', () => {
  const garbage = (lifecycles: number): number => ((lifecycles / 10) % 5) * 1000;
  expect(growthPerLifecycle(samples((lifecycles) => 1e6 + 50 * lifecycles + garbage(lifecycles)))).toBe(50);
  expect(growthPerLifecycle(samples((lifecycles) => 1e6 + garbage(lifecycles)))).toBe(0);
});

test('what grows at first only does not count', () => {
  expect(growthPerLifecycle(samples((lifecycles) => Math.min(lifecycles, 90) * 1000))).toBe(0);
});

test('too few samples say nothing', () => {
  expect(() => growthPerLifecycle(samples(() => 1, 3))).toThrow('too short');
  expect(() => growthPerLifecycle(samples(() => 1).map(({ value }) => ({ lifecycles: 0, value })))).toThrow(
    'too short',
  );
});

import { expect, test } from 'vitest';
import { alternate, percentile, summarize } from './measure.ts';

test('percentiles are samples, whatever their order', () => {
  const samples = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(summarize(samples)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99 });
  expect([percentile([7], 0.5), percentile([7], 0.99), percentile([1, 2], 0.5)]).toEqual([7, 7, 1]);
  expect(() => percentile([], 0.5)).toThrow('no samples');
});

test('works take turns, and warm-up is not counted', async () => {
  const order: string[] = [];
  const work = (name: string) => async (round: number) => {
    order.push(`${name}${round}`);
    return round;
  };
  const samples = await alternate({ warmUp: 1, measured: 2 }, { a: work('a'), b: work('b') });
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  expect(samples).toEqual({ a: [1, 2], b: [1, 2] });
});

import { afterEach, expect, it, vi } from 'vitest';
import { configMap, runFunction } from '../../testing/run-function.ts';
import { presentMoment } from './present-moment.ts';
import { starlark } from './starlark.ts';

afterEach(() => vi.restoreAllMocks());

const milliseconds = (nanoseconds: bigint) => Number(nanoseconds / 1_000_000n);

/** As on a machine whose clock nobody has set since the process began. */
function leaveClock(): void {
  vi.spyOn(Date, 'now').mockImplementation(() => Math.floor(performance.timeOrigin + performance.now()));
}

it('is finer than a millisecond, and never goes back', () => {
  leaveClock();
  const moments = Array.from({ length: 1000 }, presentMoment);
  expect(moments).toEqual(moments.toSorted((a, b) => Number(a - b)));
  expect(moments.some((moment) => moment % 1_000_000n !== 0n)).toBe(true);
});

it.each([0, 3_600_000, -3_600_000])("is the machine's, which was set by %i ms since the process began", (ms) => {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
  const before = Date.now();
  const moment = milliseconds(presentMoment());
  expect(moment).toBeGreaterThanOrEqual(before - 3);
  expect(moment).toBeLessThanOrEqual(Date.now() + 3);
});

it('is what scripts are told', () => {
  leaveClock();
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n';
  const source = `load("time.star", "time")
ctx.resource_list["items"][0]["data"] = {"finest": str(max([time.now().nanosecond % 1000000 for _ in range(100)]))}
`;
  expect(runFunction(starlark, text, configMap({ source })).text).not.toContain('finest: "0"');
});

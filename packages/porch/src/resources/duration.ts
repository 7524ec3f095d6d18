const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What timers of Node.js take, in milliseconds; for more they go off at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** A duration as Go writes it. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;

/** Most milliseconds of a duration: Go counts nanoseconds in 64 bits, which are 292 years. */
const longest = 2 ** 63 / 1e6;

/** Milliseconds of a duration as Go writes it, `1h30m`, `45s`, `1.5h`; undefined when it is none, or longer than Go can tell. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(number) * (units[unit] ?? 0);
  }
  return total < longest ? Math.round(total) : undefined;
}

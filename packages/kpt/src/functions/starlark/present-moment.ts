/** How many milliseconds the finer clock may be apart from the machine's: more, and the machine's was set, or it slept. */
const greatestDeviation = 2;

/**
 * The present moment in nanoseconds since 1970, to the microsecond: what runs one after the other within a millisecond is told
 * apart. To the millisecond where the machine's clock was set since the process began.
 */
export function presentMoment(): bigint {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  const milliseconds = Math.abs(fine - coarse) <= greatestDeviation ? fine : coarse;
  return BigInt(Math.floor(milliseconds * 1000)) * 1000n;
}

/** How many milliseconds the finer clock may be apart from the machine's: more, and the machine's was set, or it slept. */
const greatestDeviation = 2;

/**
 * The present moment in nanoseconds since 1970, to the microsecond: what runs one after the other within a millisecond is told
 * apart. To the millisecond where the machine's clock was set since the process began.
 */
export function presentMoment(): bigint {
  // Any time may pass between two reads of clocks.
  const before = Date.now();
  const fine = performance.timeOrigin + performance.now();
  const after = Date.now();
  const isRight = fine >= before - greatestDeviation && fine <= after + greatestDeviation;
  return BigInt(Math.floor((isRight ? fine : after) * 1000)) * 1000n;
}

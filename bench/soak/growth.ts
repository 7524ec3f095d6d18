/** What was seen when so many lifecycles were over. */
export interface Sample {
  readonly lifecycles: number;
  readonly value: number;
}

/**
 * By how much a value grows with each lifecycle: between the least of the second quarter of the samples and the least of the last. The
 * first quarter fills caches; the least, because garbage is collected now and then only.
 * @throws RangeError when there are fewer than four samples, or nothing was done between the quarters
 */
export function growthPerLifecycle(samples: readonly Sample[]): number {
  const quarter = Math.floor(samples.length / 4);
  const early = least(samples.slice(quarter, 2 * quarter));
  const late = least(samples.slice(-quarter));
  if (quarter === 0 || early === undefined || late === undefined || late.lifecycles <= early.lifecycles) {
    throw new RangeError('too short to say what grows');
  }
  return (late.value - early.value) / (late.lifecycles - early.lifecycles);
}

function least([first, ...others]: readonly Sample[]): Sample | undefined {
  return others.reduce((least, other) => (least !== undefined && least.value <= other.value ? least : other), first);
}

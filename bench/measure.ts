/** Milliseconds that something took, many times over, in the order measured. */
export type Samples = readonly number[];

/** What is reported of samples, in their unit. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The value that `fraction` of the samples do not exceed (nearest rank). @throws RangeError when there are no samples */
export function percentile(samples: Samples, fraction: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no samples');
  return value;
}

/** The percentiles of samples. */
export function summarize(samples: Samples): Summary {
  return {
    count: samples.length,
    p50: percentile(samples, 0.5),
    p95: percentile(samples, 0.95),
    p99: percentile(samples, 0.99),
  };
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** How often something is done: first unmeasured, then measured. */
export interface Rounds {
  readonly warmUp: number;
  readonly measured: number;
}

/**
 * Does several things in turn, round after round, so that whatever else the machine does meets all of them alike, and gives the
 * samples of each. `round` counts from 0, warm-up included.
 */
export async function alternate<const Name extends string>(
  rounds: Rounds,
  works: Readonly<Record<Name, (round: number) => Promise<number>>>,
): Promise<Record<Name, Samples>> {
  const names = Object.keys(works) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds.warmUp + rounds.measured; round++) {
    for (const name of names) {
      const taken = await works[name](round);
      if (round >= rounds.warmUp) samples[name].push(taken);
    }
  }
  return samples;
}

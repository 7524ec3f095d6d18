import { availableParallelism } from 'node:os';
import { createPackageWorkers, type PackageFiles, type PackageWorkers } from '@porch/kpt';
import { alternate, type Samples, summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import { packageOf } from './packages.ts';

/** Resources of the packages that are rendered. */
const resources = 100;

/** How many packages all workers together render in a second, never idle, compared with one worker alone. */
export async function measureThroughput(jobs: number): Promise<readonly Measurement[]> {
  const threads = Math.max(1, availableParallelism() - 1);
  const [all, one] = [createPackageWorkers({ threads }), createPackageWorkers({ threads: 1 })];
  const rounds = { warmUp: 1, measured: 3 }; // the first round compiles
  try {
    const rateOf = (workers: PackageWorkers) => (round: number) => rate(workers, jobs, round);
    const samples: { readonly all: Samples; readonly one?: Samples } =
      threads > 1
        ? await alternate(rounds, { all: rateOf(all), one: rateOf(one) })
        : await alternate(rounds, { all: rateOf(all) });
    return [
      {
        name: `packages of ${resources} resources rendered by all workers`,
        size: undefined,
        unit: '/s',
        summary: summarize(samples.all),
        ...(samples.one === undefined ? {} : { yardstick: { name: 'one worker', summary: summarize(samples.one) } }),
        note: `${threads} ${threads === 1 ? 'worker' : 'workers'}`,
      },
    ];
  } finally {
    await Promise.all([all.close(), one.close()]);
  }
}

/** Packages a second. */
async function rate(workers: PackageWorkers, jobs: number, round: number): Promise<number> {
  const job = (index: number) => {
    const files: PackageFiles = packageOf(resources, 'five functions', round * jobs + index);
    return workers.run({ files, steps: [{ type: 'render' }], render: { defaultImagePrefix: '' } });
  };
  return (jobs * 1000) / (await timed(() => Promise.all(Array.from({ length: jobs }, (_, index) => job(index)))));
}

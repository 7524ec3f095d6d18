import { availableParallelism } from 'node:os';
import { createPackageWorkers, type PackageFiles } from '@porch/kpt';
import { summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import { packageOf } from './packages.ts';

/** Resources of the packages that are rendered. */
const resources = 100;

/** How many packages all workers together render in a second, never idle, compared with one worker alone. */
export async function measureThroughput(jobs: number): Promise<readonly Measurement[]> {
  const threads = Math.max(1, availableParallelism() - 1);
  const alone = threads > 1 ? { yardstick: { name: 'one worker', summary: summarize(await rates(1, jobs)) } } : {};
  return [
    {
      name: `packages of ${resources} resources rendered by all workers`,
      size: undefined,
      unit: '/s',
      summary: summarize(await rates(threads, jobs)),
      ...alone,
      note: `${threads} ${threads === 1 ? 'worker' : 'workers'}`,
    },
  ];
}

async function rates(threads: number, jobs: number): Promise<readonly number[]> {
  const workers = createPackageWorkers({ threads });
  const job = (index: number) => {
    const files: PackageFiles = packageOf(resources, 'five functions', index);
    return workers.run({ files, steps: [{ type: 'render' }], render: { defaultImagePrefix: '' } });
  };
  const rates: number[] = [];
  try {
    for (let round = 0; round < 4; round++) {
      const begun = round * jobs;
      const taken = await timed(() => Promise.all(Array.from({ length: jobs }, (_, index) => job(begun + index))));
      if (round > 0) rates.push((jobs * 1000) / taken); // the first round compiles
    }
  } finally {
    await workers.close();
  }
  return rates;
}

import { paths, revisionName } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { publishedAt } from '../fixture/import-stream.ts';
import { alternate, summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import type { Scenario } from './scenario.ts';

/** Reading single revisions and their files, all over the repository. */
export const get: Scenario = {
  name: 'get',
  run: async (bed) => [
    await measure(bed, 'get a revision', paths.revision),
    await measure(bed, 'get the files of a revision', paths.resources),
  ],
};

async function measure(bed: Bed, name: string, path: (name: string) => string): Promise<Measurement> {
  const names = (round: number): string => {
    // A step that shares no factor with any size goes through all revisions in a mixed order.
    const { path: packageName, revision } = publishedAt((round * 7919) % bed.size, bed.size);
    return revisionName(packageName, `v${revision}`);
  };
  await bed.sender.keep((await bed.client.call(path(names(0)))).body);
  const samples = await alternate(bed.rounds(400, 200), {
    get: (round) => timed(() => bed.client.call(path(names(round)))),
    plain: () => timed(() => bed.sender.connection.send('/buffer')),
  });
  return {
    name,
    size: bed.size,
    unit: 'ms',
    summary: summarize(samples.get),
    yardstick: { name: 'the same bytes from one buffer', summary: summarize(samples.plain) },
  };
}

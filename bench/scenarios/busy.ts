import { availableParallelism } from 'node:os';
import { paths, revisionName } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { publishedAt } from '../fixture/import-stream.ts';
import { type Samples, summarize, timed } from '../measure.ts';
import { startChild } from '../processes/child.ts';
import { createDrafts, deleteDrafts, planDrafts } from './drafts.ts';
import type { Scenario } from './scenario.ts';

/** What the measurement of reads beside rendering is called. */
export const busyReadName = 'get a revision while all workers render';

/** Apart from the reader, whom they would make wait by the work that they do themselves. */
const clientsScript = new URL('../processes/rendering-clients.ts', import.meta.url);

/** Reading revisions while every worker has packages to render, and while none has. */
export const busy: Scenario = {
  name: 'busy',
  async run(bed) {
    const drafts = planDrafts('bench-busy', 2 * Math.max(1, availableParallelism() - 1));
    await createDrafts(bed, drafts);
    const names = drafts.map(({ name }) => name);
    const { warmUp, measured } = bed.rounds(20_000, 1000);
    const idle: number[] = [];
    const rendering: number[] = [];
    await reads(bed, warmUp);
    // In quarters, so that whatever else the machine does meets both alike.
    for (let quarter = 0; quarter < 4; quarter++) {
      idle.push(...(await reads(bed, Math.ceil(measured / 4))));
      const clients = await startChild(clientsScript, { dataDirectory: bed.dataDirectory, drafts: names });
      rendering.push(...(await reads(bed, Math.ceil(measured / 4))));
      await clients.close();
    }
    await deleteDrafts(bed, drafts);
    return [
      {
        name: busyReadName,
        size: bed.size,
        unit: 'ms',
        summary: summarize(rendering),
        yardstick: { name: 'while none renders', summary: summarize(idle) },
        note: `${drafts.length} clients replace the files of packages with 100 resources and five functions`,
      },
    ];
  },
};

async function reads(bed: Bed, count: number): Promise<Samples> {
  const samples: number[] = [];
  for (let round = 0; round < count; round++) {
    const { path, revision } = publishedAt((round * 7919) % bed.size, bed.size);
    samples.push(await timed(() => bed.client.call(paths.revision(revisionName(path, `v${revision}`)))));
  }
  return samples;
}

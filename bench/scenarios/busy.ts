import { availableParallelism } from 'node:os';
import { type ApiObject, paths, revisionName } from '../api/objects.ts';
import { createPorchClient } from '../api/porch-client.ts';
import type { Bed } from '../bed.ts';
import { publishedAt } from '../fixture/import-stream.ts';
import { type Samples, summarize, timed } from '../measure.ts';
import { packageOf } from '../rendering/packages.ts';
import { createDrafts, type Draft, deleteDrafts, planDrafts } from './drafts.ts';
import type { Scenario } from './scenario.ts';

/** What the measurement of reads beside rendering is called. */
export const busyReadName = 'get a revision while all workers render';

/** Reading revisions while every worker has packages to render, and while none has. */
export const busy: Scenario = {
  name: 'busy',
  async run(bed) {
    const drafts = planDrafts('bench-busy', 2 * Math.max(1, availableParallelism() - 1));
    await createDrafts(bed, drafts);
    const { warmUp, measured } = bed.rounds(400, 100);
    const idle: number[] = [];
    const rendering: number[] = [];
    await reads(bed, warmUp);
    // In quarters, so that whatever else the machine does meets both alike.
    for (let quarter = 0; quarter < 4; quarter++) {
      idle.push(...(await reads(bed, Math.ceil(measured / 4))));
      const stop = keepRendering(bed, drafts);
      rendering.push(...(await reads(bed, Math.ceil(measured / 4))));
      await stop();
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

/** Lets a client for each draft replace its files again and again, over connections of their own. */
function keepRendering(bed: Bed, drafts: readonly Draft[]): () => Promise<void> {
  let stopped = false;
  const clients = drafts.map(async ({ name }) => {
    const client = createPorchClient(await bed.connect());
    const path = paths.resources(name);
    let current = await client.get(path);
    for (let version = 0; !stopped; version++) current = await client.put(path, withPackage(current, version));
    client.connection.close();
  });
  const done = Promise.all(clients);
  done.catch(() => undefined); // whoever stops them hears of it
  return async () => {
    stopped = true;
    await done;
  };
}

function withPackage(object: ApiObject, version: number): ApiObject {
  const resources = Object.fromEntries(packageOf(100, 'five functions', version));
  return { ...object, spec: { ...object.spec, resources } };
}

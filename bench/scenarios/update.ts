import { type ApiObject, paths } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { examplePipeline, kptfile, resourceFiles } from '../fixture/package-files.ts';
import { alternate, summarize, timed } from '../measure.ts';
import type { Measurement } from '../results.ts';
import { createDrafts, deleteDrafts, planDrafts } from './drafts.ts';
import type { Scenario } from './scenario.ts';

/** Replacing the files of a draft, without and with a pipeline, while earlier versions are on their way to Git. */
export const update: Scenario = {
  name: 'update',
  async run(bed) {
    return [
      await measure(bed, 'update files, no pipeline', 'bench-update-plain', ''),
      await measure(bed, 'update files, pipeline of two functions', 'bench-update-rendered', examplePipeline),
    ];
  },
};

async function measure(bed: Bed, name: string, folder: string, pipeline: string): Promise<Measurement> {
  const drafts = planDrafts(folder, 1);
  await createDrafts(bed, drafts);
  const path = paths.resources(drafts[0]?.name ?? '');
  let current = await bed.client.get(path);
  const samples = await alternate(bed.rounds(100, 100), {
    update: async (round) => {
      const body = withFiles(current, { Kptfile: kptfile('p-0', pipeline), ...resourceFiles('p-0', round) });
      let answer: Buffer = Buffer.alloc(0);
      const taken = await timed(async () => (answer = (await bed.client.call(path, { method: 'PUT', body })).body));
      current = JSON.parse(answer.toString('utf8')) as ApiObject;
      return taken;
    },
    commit: () => timed(() => bed.durable.commit(Buffer.from(JSON.stringify(current)))),
  });
  await deleteDrafts(bed, drafts);
  return {
    name,
    size: bed.size,
    unit: 'ms',
    summary: summarize(samples.update),
    yardstick: { name: 'one durable SQLite commit', summary: summarize(samples.commit) },
  };
}

function withFiles(object: ApiObject, files: Readonly<Record<string, string>>): ApiObject {
  return { ...object, spec: { ...object.spec, resources: files } };
}

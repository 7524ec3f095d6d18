import { paths } from '../api/objects.ts';
import { alternate, summarize, timed } from '../measure.ts';
import { deleteDrafts, draftObject, mirrored, planDrafts } from './drafts.ts';
import type { Scenario } from './scenario.ts';

/** Creating drafts one after another, while earlier ones are on their way to Git. */
export const create: Scenario = {
  name: 'create',
  async run(bed) {
    const rounds = bed.rounds(100, 100);
    const drafts = planDrafts('bench-create', rounds.warmUp + rounds.measured);
    const bytes = (await bed.client.call(paths.revisions + '?limit=1')).body;
    const samples = await alternate(rounds, {
      create: (round) => {
        const draft = drafts[round];
        if (draft === undefined) throw new RangeError('no draft left');
        const body = draftObject(draft);
        return timed(() => bed.client.call(paths.revisions, { method: 'POST', body }));
      },
      commit: () => timed(() => bed.durable.commit(bytes)),
    });
    await mirrored(bed, drafts, 'drafts');
    await deleteDrafts(bed, drafts);
    return [
      {
        name: 'create a draft',
        size: bed.size,
        unit: 'ms',
        summary: summarize(samples.create),
        yardstick: { name: 'one durable SQLite commit', summary: summarize(samples.commit) },
      },
    ];
  },
};

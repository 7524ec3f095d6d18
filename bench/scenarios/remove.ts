import { inState, paths } from '../api/objects.ts';
import type { Bed } from '../bed.ts';
import { alternate, type Rounds, type Samples, summarize, timed } from '../measure.ts';
import { createDrafts, type Draft, gone, mirrored, planDrafts, propose } from './drafts.ts';
import type { Scenario } from './scenario.ts';

/** Deleting drafts, and deleting published revisions whose deletion has been proposed. */
export const remove: Scenario = {
  name: 'delete',
  async run(bed) {
    const draftRounds = bed.rounds(40, 10);
    const drafts = planDrafts('bench-delete-draft', draftRounds.warmUp + draftRounds.measured);
    await createDrafts(bed, drafts);
    const draftSamples = await removeAll(bed, draftRounds, drafts);
    await gone(bed, drafts, 'drafts');

    const rounds = bed.rounds(10, 2);
    const published = planDrafts('bench-delete-published', rounds.warmUp + rounds.measured);
    await createDrafts(bed, published);
    await propose(bed, published);
    for (const state of ['Published', 'DeletionProposed']) {
      for (const { name } of published) {
        await bed.client.put(paths.approval(name), inState(await bed.client.get(paths.revision(name)), state));
      }
    }
    await mirrored(bed, published, 'deletionProposed');
    const samples = await removeAll(bed, rounds, published);
    return [
      { name: 'delete a draft', size: bed.size, unit: 'ms', summary: summarize(draftSamples) },
      { name: 'delete a published revision', size: bed.size, unit: 'ms', summary: summarize(samples) },
    ];
  },
};

async function removeAll(bed: Bed, rounds: Rounds, drafts: readonly Draft[]): Promise<Samples> {
  const samples = await alternate(rounds, {
    remove: (round) => timed(() => bed.client.call(paths.revision(drafts[round]?.name ?? ''), { method: 'DELETE' })),
  });
  return samples.remove;
}

import { join } from 'node:path';
import { inState, paths } from '../api/objects.ts';
import { alternate, summarize, timed } from '../measure.ts';
import { prepareBarePushes } from '../yardsticks/bare-push.ts';
import { createDrafts, gone, mirrored, planDrafts } from './drafts.ts';
import type { Scenario } from './scenario.ts';

/** Proposing drafts; then, once Git has the proposals and nothing else is going on, approving them, next to bare pushes. */
export const publish: Scenario = {
  name: 'publish',
  async run(bed) {
    const rounds = bed.rounds(25, 5);
    const count = rounds.warmUp + rounds.measured;
    const drafts = planDrafts('bench-publish', count);
    const bare = await prepareBarePushes(bed.git, bed.twin, join(bed.directory, 'pusher'), count);
    await createDrafts(bed, drafts);
    const put = async (round: number, state: string, path: (name: string) => string): Promise<number> => {
      const name = drafts[round]?.name ?? '';
      const body = inState(await bed.client.get(paths.revision(name)), state);
      return timed(() => bed.client.call(path(name), { method: 'PUT', body }));
    };
    const proposals = await alternate(rounds, { propose: (round) => put(round, 'Proposed', paths.revision) });
    await mirrored(bed, drafts, 'proposed');
    await gone(bed, drafts, 'drafts');
    const approvals = await alternate(rounds, {
      approve: (round) => put(round, 'Published', paths.approval),
      push: () => bare.push(),
    });
    const { size } = bed;
    return [
      { name: 'propose', size, unit: 'ms', summary: summarize(proposals.propose) },
      {
        name: 'approve',
        size,
        unit: 'ms',
        summary: summarize(approvals.approve),
        yardstick: { name: 'bare git push --atomic', summary: summarize(approvals.push) },
      },
      {
        name: 'approve, less the push of the same round',
        size,
        unit: 'ms',
        summary: summarize(approvals.approve.map((taken, round) => taken - (approvals.push[round] ?? 0))),
      },
    ];
  },
};

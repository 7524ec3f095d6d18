import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

test('the last commit of each draft is told, also of one of which only the lifecycle was changed here', async () => {
  const r = await trial.newRepository();
  const [moved, changed] = [`${r}.a.w`, `${r}.b.w`];
  for (const name of ['a', 'b']) await trial.create(r, name, 'w');
  for (const name of [moved, changed]) await trial.mirrored(name);
  const [a, b] = [await trial.git(r, 'rev-parse', 'drafts/a/w'), await trial.git(r, 'rev-parse', 'drafts/b/w')];
  await trial.parts.queue.hold('default', r, moved, () =>
    trial.parts.queue.hold('default', r, changed, async () => {
      await trial.setLifecycle(moved, 'Proposed');
      await trial.setFiles(changed, (files) => {
        files['ours.txt'] = 'ours';
      });
      for (const [branch, commit] of [
        ['drafts/a/w', a],
        ['drafts/b/w', b],
      ]) {
        const theirs = await trial.git(r, 'commit-tree', `${commit}^{tree}`, '-p', `${commit}`, '-m', 'Elsewhere');
        await trial.git(r, 'update-ref', `refs/heads/${branch}`, theirs);
      }
      const [first, second] = (await trial.sync(r)).conflicts;
      expect(first).toMatchObject({ name: moved, ours: a });
      expect(second).toMatchObject({ name: changed, ours: expect.stringMatching(/^[0-9a-f]{40}$/) });
      expect(second?.ours).not.toBe(b);
    }),
  );
});

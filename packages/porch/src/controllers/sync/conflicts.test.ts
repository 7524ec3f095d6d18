import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import type { DraftConflict } from './conflicts.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

test('the last commit of each draft is told in order of name, also where only the lifecycle was changed here', async () => {
  const r = await trial.newRepository();
  const { queue } = trial.parts;
  const tips = new Map<string, string>();
  for (const name of ['a', 'b', 'c']) {
    await trial.create(r, name, 'w');
    await trial.mirrored(`${r}.${name}.w`);
    tips.set(name, await trial.git(r, 'rev-parse', `drafts/${name}/w`));
  }
  let conflicts: readonly DraftConflict[] = [];
  const changeBothSides = async (): Promise<void> => {
    for (const name of ['a', 'c']) await trial.setLifecycle(`${r}.${name}.w`, 'Proposed');
    await trial.setFiles(`${r}.b.w`, (files) => {
      files['ours.txt'] = 'ours';
    });
    for (const name of ['c', 'b', 'a']) {
      const tip = tips.get(name) ?? '';
      const theirs = await trial.git(r, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'Elsewhere');
      await trial.git(r, 'update-ref', `refs/heads/drafts/${name}/w`, theirs);
      ({ conflicts } = await trial.sync(r));
    }
  };
  await ['a', 'b', 'c'].reduce<() => Promise<void>>(
    (work, name) => () => queue.hold('default', r, `${r}.${name}.w`, work),
    changeBothSides,
  )();
  expect(conflicts).toMatchObject([
    { name: `${r}.a.w`, ours: tips.get('a') },
    { name: `${r}.b.w`, ours: expect.stringMatching(/^[0-9a-f]{40}$/) },
    { name: `${r}.c.w`, ours: tips.get('c') },
  ]);
  expect(conflicts[1]?.ours).not.toBe(tips.get('b'));
});

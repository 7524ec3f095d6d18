import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

async function published(): Promise<string> {
  const r = await trial.newRepository();
  await trial.create(r, 'p', 'w');
  await trial.publish(`${r}.p.w`);
  await trial.sync(r);
  return r;
}

test('a history that was rewritten does not come back with the proposal to delete a package', async () => {
  const r = await published();
  const head = await trial.git(r, 'commit-tree', 'main^{tree}', '-m', 'Without its history');
  await trial.git(r, 'update-ref', 'refs/heads/main', head);
  await trial.git(r, 'tag', '--delete', 'p/v1');
  expect((await trial.sync(r)).changed).toBe(2);
  expect(trial.get(`${r}.p.main`)?.status.selfLock?.git?.commit).toBe(head);
  expect((await trial.sync(r)).changed).toBe(0);
  await trial.setLifecycle(`${r}.p.main`, 'DeletionProposed');
  await trial.mirrored(`${r}.p.main`);
  expect(await trial.git(r, 'rev-parse', 'deletionProposed/p/main')).toBe(head);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { repositories } from '../resources/group.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository('r');
  await trial.create('r', 'p', 'w');
  await trial.mirrored('r.p.w');
  // As after a start without --allow-local-repositories.
  const key = { resource: repositories, namespace: 'default', name: 'r' };
  const patch = { spec: { git: { repo: 'file:///srv/git/r.git' } } };
  await trial.parts.store.commit({ operations: [{ type: 'merge', key, patch }] });
});

afterAll(() => trial?.close());

test.each<[string, () => Promise<unknown>]>([
  ['made', () => trial.create('r', 'p', 'other')],
  ['changed', () => trial.setLifecycle('r.p.w', 'Proposed')],
  ['edited', () => trial.setFiles('r.p.w', (files) => (files['a.txt'] = 'a'))],
  ['deleted', () => trial.remove('r.p.w')],
])('where a repository may not be used, it is said why nothing can be %s', async (_, write) => {
  await expect(write()).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('--allow-local-repositories'),
  });
});

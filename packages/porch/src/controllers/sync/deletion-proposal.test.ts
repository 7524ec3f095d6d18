import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

test('the proposal to delete what somebody else has deleted goes with it, and is none to delete what has its number next', async () => {
  const r = 'r';
  await trial.addRepository(r);
  await trial.create(r, 'p', 'a');
  await trial.publish(`${r}.p.a`);
  await trial.create(r, 'p', 'b', { type: 'edit', edit: { sourceRef: { name: `${r}.p.a` } } });
  await trial.mirrored(`${r}.p.b`);
  await trial.setLifecycle(`${r}.p.a`, 'DeletionProposed');
  await trial.mirrored(`${r}.p.a`);
  await trial.sync(r);
  await trial.git(r, 'update-ref', '-d', 'refs/tags/p/v1');
  await trial.sync(r);
  expect(trial.get(`${r}.p.a`)).toBeUndefined();
  await trial.mirrored(`${r}.p.a`);
  expect(await trial.references(r)).toEqual(['refs/heads/drafts/p/b', 'refs/heads/main']);
  await trial.publish(`${r}.p.b`);
  await trial.sync(r);
  expect(trial.get(`${r}.p.b`)?.spec).toMatchObject({ revision: 1, lifecycle: 'Published' });
});

test('a branch that proposes a deletion stays where others have it, for they would move it back', async () => {
  const r = 'elsewhere';
  await trial.addRepository(r);
  await trial.create(r, 'p', 'a');
  await trial.publish(`${r}.p.a`);
  await trial.sync(r);
  for (const [name, branch] of [
    [`${r}.p.a`, 'refs/heads/deletionProposed/p/v1'],
    [`${r}.p.main`, 'refs/heads/deletionProposed/p/main'],
  ] as const) {
    const theirs = await trial.git(r, 'rev-parse', 'main^');
    await trial.git(r, 'update-ref', branch, theirs);
    await trial.sync(r);
    expect(trial.get(name)?.spec.lifecycle).toBe('DeletionProposed');
    await trial.mirrored(name);
    expect(await trial.git(r, 'rev-parse', branch)).toBe(theirs);
    await trial.setLifecycle(name, 'Published');
    await trial.mirrored(name);
    expect(await trial.references(r)).not.toContain(branch);
  }
});

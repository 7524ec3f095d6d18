import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository('r');
});

afterAll(() => trial?.close());

test("a workspace named like the branch is refused: that name is the placeholder's", async () => {
  await expect(trial.create('r', 'named', 'main')).rejects.toMatchObject({
    code: 400,
    message: expect.stringContaining('spec.workspaceName: Invalid value: "main": it is the name of the branch'),
  });
});

test('a draft that others have named so can be published, and then takes the name', async () => {
  await trial.create('r', 'theirs', 'w');
  await trial.mirrored('r.theirs.w');
  await trial.git('r', 'update-ref', 'refs/heads/drafts/theirs/main', 'refs/heads/drafts/theirs/w');
  await trial.sync('r');
  expect((await trial.publish('r.theirs.main')).spec).toMatchObject({ revision: 1, lifecycle: 'Published' });
  const published = trial.get('r.theirs.main');
  expect((await trial.sync('r')).changed).toBe(0);
  expect(trial.get('r.theirs.main')).toEqual(published);
});

test('of two packages that would contain one another, made at the same time, one is refused', async () => {
  const outcomes = await Promise.allSettled([
    trial.create('r', 'a/b/c', 'w'),
    trial.create('r', 'a/b', 'w'),
    trial.create('r', 'a', 'w'),
    trial.create('r', 'ab', 'w'),
  ]);
  const made = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  expect(made.length).toBe(2);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 400 });
  }
});

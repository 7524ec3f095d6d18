import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository('r');
});

afterAll(() => trial?.close());

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

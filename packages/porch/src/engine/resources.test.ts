import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.addRepository('r');
});

afterAll(() => trial?.close());

test('a path that would have to be a file and a directory at once is refused', async () => {
  await trial.create('r', 'p', 'w');
  const before = await trial.resources('r.p.w');
  await expect(
    trial.setFiles('r.p.w', (files) => {
      files['a'] = 'a file';
      files['a/b'] = 'below it';
    }),
  ).rejects.toMatchObject({ code: 400, reason: 'Invalid', message: expect.stringContaining('cannot be a file') });
  expect(await trial.resources('r.p.w')).toEqual(before);
});

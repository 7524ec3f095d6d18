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

test('a pipeline that removes the Kptfile is refused, and nothing is stored', async () => {
  await trial.create('r', 'q', 'w');
  const before = await trial.resources('r.q.w');
  await expect(
    trial.setFiles('r.q.w', (files) => {
      files['Kptfile'] += `pipeline:
  mutators:
    - image: starlark
      configMap:
        source: ctx.resource_list["items"] = [r for r in ctx.resource_list["items"] if r["kind"] == "Deployment"]
`;
    }),
  ).rejects.toMatchObject({ code: 400, message: expect.stringContaining('removed the Kptfile') });
  expect(await trial.resources('r.q.w')).toEqual(before);
});

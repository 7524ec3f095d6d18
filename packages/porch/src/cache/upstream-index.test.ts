import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { UpstreamIndex } from './upstream-index.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterAll(() => trial?.close());

const cloneOf = (name: string) => ({ type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } }) as const;

test('finds what was there when it was first asked, and what comes and goes afterwards', async () => {
  const r = await trial.newRepository();
  const up = `${r}.up.v1`;
  await trial.create(r, 'up', 'v1');
  await trial.publish(up);
  await trial.create(r, 'before', 'v1', cloneOf(up));
  const index = new UpstreamIndex(trial.parts.cache.objects);
  expect(index.downstreamsOf('default', up)).toEqual([`${r}.before.v1`]);
  await trial.create(r, 'after', 'v1', cloneOf(up));
  await trial.create(r, 'apart', 'v1');
  expect(index.downstreamsOf('default', up)).toEqual([`${r}.after.v1`, `${r}.before.v1`]);
  await trial.setLifecycle(`${r}.after.v1`, 'Proposed');
  await trial.remove(`${r}.before.v1`);
  expect(index.downstreamsOf('default', up)).toEqual([`${r}.after.v1`]);
  expect(index.downstreamsOf('other', up)).toEqual([]);
  await trial.setLifecycle(`${r}.after.v1`, 'Published');
  await trial.sync(r);
  expect(trial.get(`${r}.after.main`)).toBeDefined();
  expect(index.downstreamsOf('default', up), 'a placeholder is none').toEqual([`${r}.after.v1`]);
  index.close();
});

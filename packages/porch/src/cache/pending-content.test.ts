import { afterEach, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { releasePendingContent } from './pending-content.ts';
import { pendingContents } from './records.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

const held = (of: Trial) => of.parts.cache.objects.list(pendingContents).items.length;

test('content that is still to be committed outlives the log of the store, and is let go afterwards', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  for (const name of ['one', 'two']) {
    await t.setFiles('r.p.w', (files) => {
      files[name] = name;
    });
  }
  const { cache, store } = t.parts;
  const pending = cache.state('default', 'r.p.w')?.value.pending ?? [];
  expect(pending.length).toBe(3);
  await releasePendingContent(cache, store);
  await store.compact(cache.revision, -60_000);
  for (const { content } of pending) expect(await store.content(content)).toBeDefined();
  await t.publish('r.p.w');
  expect((await t.git('r', 'log', '--reverse', '--format=%s', 'main^2')).split('\n')).toEqual([
    'Start',
    'Creating new empty revision',
    'Rendering package',
    'Rendering package',
  ]);
  await releasePendingContent(cache, store);
  expect(held(t)).toBe(0);
  await store.compact(cache.revision, -60_000);
  expect(await store.content(pending[0]?.content ?? '')).toBeUndefined();
});

test('content that is committed soon is not held', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  await t.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  expect(held(t)).toBe(0);
});

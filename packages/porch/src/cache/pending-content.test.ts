import type { Store } from '@porch/apiserver';
import { afterEach, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { holdPendingContent, releasePendingContent } from './pending-content.ts';
import { pendingContents, putRecord, type RevisionState } from './records.ts';
import { type Read, stateKey } from './revision-cache.ts';

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

/** A draft of which nothing is on its way to Git any more, and its state before. */
async function withNothingPending(): Promise<{ readonly t: Trial; readonly state: Read<RevisionState> }> {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  const { cache, store } = t.parts;
  const state = cache.state('default', 'r.p.w');
  if (state === undefined) throw new Error('there is no state');
  await store.commit({ operations: [putRecord(state.key, { ...state.value, pending: [] })] });
  return { t, state };
}

test('content that becomes pending again while it is let go of is held', async () => {
  const { t, state } = await withNothingPending();
  const { cache, store } = t.parts;
  const content = cache.packageRevision('default', 'r.p.w')?.content ?? null;
  const again = [
    putRecord(stateKey('default', 'r.p.w'), state.value),
    ...holdPendingContent(cache, 'default', 'r.p.w', state.value, content),
  ];
  expect(await releasePendingContent(cache, store)).toBe(1);
  await store.commit({ operations: again });
  expect(held(t)).toBe(1);
});

test('content that is pending again by the time that it would be let go of stays', async () => {
  const { t, state } = await withNothingPending();
  const { cache, store } = t.parts;
  const commit: Store['commit'] = async (writeSet) => {
    await store.commit({ operations: [putRecord(state.key, state.value)] });
    return store.commit(writeSet);
  };
  expect(await releasePendingContent(cache, Object.assign(Object.create(store), { commit }))).toBe(0);
  expect(held(t)).toBe(1);
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

import type { Store } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { putRecord, tombstones } from '../../cache/records.ts';
import { stateKey, tombstoneKey } from '../../cache/revision-cache.ts';
import { startTrial, type Trial } from '../../engine/trial.test-support.ts';
import { packageRevisions } from '../../resources/group.ts';
import { removeOldTombstones, tombstoneMs } from './old-tombstones.ts';

let trial: Trial;
beforeEach(async () => {
  trial = await startTrial('off');
  await trial.addRepository('r');
});
afterEach(() => trial.close());

/** What a cleanup does that is made so many milliseconds from now. */
function cleanUpAfter(ms: number, most = 1000): Promise<number> {
  const clock = (): Date => new Date(Date.now() + ms);
  return removeOldTombstones({ ...trial.parts, clock }, most, () => false);
}

const left = (): string[] => trial.parts.cache.objects.list(tombstones).items.map(({ key }) => key.name);
const uid = async (): Promise<string | undefined> => (await trial.create('r', 'p', 'w')).metadata.uid;

test('a deletion is forgotten when it is long past', async () => {
  const first = await uid();
  await trial.remove('r.p.w');
  expect(await cleanUpAfter(tombstoneMs - 60_000)).toBe(0);
  const second = await uid();
  expect(second).not.toBe(first);
  await trial.remove('r.p.w');
  expect(left()).toHaveLength(2);
  expect(await cleanUpAfter(tombstoneMs + 60_000, 1)).toBe(1);
  expect(await cleanUpAfter(tombstoneMs + 60_000)).toBe(1);
  expect(left()).toEqual([]);
});

test('not while there is an object of the name, whose successor needs another UID too', async () => {
  await uid();
  await trial.remove('r.p.w');
  const second = await uid();
  expect(await cleanUpAfter(2 * tombstoneMs)).toBe(0);
  await trial.remove('r.p.w');
  expect(await uid()).not.toBe(second);
});

test.each([
  ['is in use again', false],
  ['has been used again, and is gone,', true],
])('not where the name %s by the time that it would be forgotten', async (_, goes) => {
  const { store } = trial.parts;
  const first = await uid();
  await trial.remove('r.p.w');
  let second: string | undefined;
  const commit: Store['commit'] = async (writeSet) => {
    if (second === undefined) {
      second = await uid();
      if (goes) await trial.remove('r.p.w');
    }
    return store.commit(writeSet);
  };
  const clock = (): Date => new Date(Date.now() + 2 * tombstoneMs);
  const parts = { ...trial.parts, clock, store: Object.assign(Object.create(store), { commit }) };
  expect(await removeOldTombstones(parts, 1000, () => false)).toBe(0);
  if (!goes) await trial.remove('r.p.w');
  expect(new Set([first, second, await uid()]).size).toBe(3);
});

test('not while there is something left to do in Git for what was deleted', async () => {
  await uid();
  await trial.remove('r.p.w');
  const state = { repository: 'r', path: 'p', refs: {}, tip: null, base: null, pending: [], deleted: true };
  await trial.parts.store.commit({ operations: [putRecord(stateKey('default', 'r.p.w'), state)] });
  await cleanUpAfter(2 * tombstoneMs);
  expect(left()).toEqual([tombstoneKey(packageRevisions, 'default', 'r.p.w').name]);
});

test('the rest is left to another time when there is none any more', async () => {
  for (const packageName of ['p', 'q']) {
    await trial.create('r', packageName, 'w');
    await trial.remove(`r.${packageName}.w`);
  }
  const before = left().length;
  const clock = (): Date => new Date(Date.now() + 2 * tombstoneMs);
  expect(await removeOldTombstones({ ...trial.parts, clock }, 1000, () => left().length < before)).toBe(1);
});

test('those of an earlier version are no more at a time than others', async () => {
  const names = ['a', 'b', 'c'].map((name) => `r.${name}.w`);
  const incarnations = () => names.map((name) => trial.parts.cache.tombstone(packageRevisions, 'default', name)?.at);
  await trial.parts.store.commit({
    operations: names.map((name) => putRecord(tombstoneKey(packageRevisions, 'default', name), { incarnation: 3 })),
  });
  await cleanUpAfter(0, 2);
  expect(incarnations().filter((at) => at !== undefined)).toHaveLength(2);
});

test('one of an earlier version counts from when it is found', async () => {
  const key = tombstoneKey(packageRevisions, 'default', 'r.old.w');
  await trial.parts.store.commit({ operations: [putRecord(key, { incarnation: 3 })] });
  expect(await cleanUpAfter(0)).toBe(0);
  expect(trial.parts.cache.incarnation(packageRevisions, 'default', 'r.old.w')).toBe(3);
  expect(await cleanUpAfter(tombstoneMs - 60_000)).toBe(0);
  expect(await cleanUpAfter(tombstoneMs + 60_000)).toBe(1);
  expect(left()).toEqual([]);
});

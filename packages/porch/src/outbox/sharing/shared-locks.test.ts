import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { putRecord, revisionLocks } from '../../cache/records.ts';
import { type Joined, logger, type Members, openMembers } from './members.test-support.ts';
import { SharedLocks } from './shared-locks.ts';

const patience = { timeout: 30_000, interval: 5 };

let members: Members;
let a: Joined;
let b: Joined;
let locksOfA: SharedLocks;
let locksOfB: SharedLocks;

beforeEach(async () => {
  members = await openMembers(50);
  [a, b] = [await members.join(), await members.join()];
  [locksOfA, locksOfB] = [a, b].map(({ member }) => new SharedLocks({ member, objects: members.objects, logger })) as [
    SharedLocks,
    SharedLocks,
  ];
});
afterEach(() => members.close());

const lock = { resource: revisionLocks, namespace: 'default', name: 'r' };
const rows = () => members.objects.list(revisionLocks).items.length;

test('one of all that want a lock gets it, in whichever process', async () => {
  const tries = [locksOfA, locksOfB, locksOfA, locksOfB].map((locks) => locks.tryAcquire('default', 'r'));
  const got = (await Promise.all(tries)).filter((release) => release !== undefined);
  expect(got).toHaveLength(1);
  expect(await locksOfB.tryAcquire('default', 'r')).toBeUndefined();
  expect(await locksOfB.tryAcquire('default', 'other')).toBeDefined();
  await got[0]?.();
  expect(await locksOfB.tryAcquire('default', 'r')).toBeDefined();
});

test('others see who holds it, and what they write in the belief that nobody does is refused', async () => {
  const before = locksOfB.notElsewhere('default', 'r');
  const release = await locksOfA.tryAcquire('default', 'r');
  expect([locksOfA, locksOfB].map((locks) => locks.heldElsewhere('default', 'r'))).toEqual([false, true]);
  await expect(members.store.commit({ preconditions: before, operations: [] })).rejects.toThrow(/expected revision 0/);
  await members.store.commit({ preconditions: locksOfA.notElsewhere('default', 'r'), operations: [] });
  await release?.();
  await members.store.commit({ preconditions: before, operations: [] });
});

test('a lock whose holder dies is free', async () => {
  await locksOfA.tryAcquire('default', 'r');
  a.cut = true;
  await vi.waitFor(() => expect(b.member.isAlive(a.member.id)).toBe(false), patience);
  expect(rows()).toBe(0);
  expect(await locksOfB.tryAcquire('default', 'r')).toBeDefined();
});

test('a lock that its holder wrote while it was being declared dead is free, too', async () => {
  await members.store.commit({ operations: [putRecord(lock, { holder: 'of-one-that-is-gone' })] });
  expect(locksOfB.heldElsewhere('default', 'r')).toBe(false);
  expect(await locksOfB.tryAcquire('default', 'r')).toBeDefined();
  expect(locksOfA.heldElsewhere('default', 'r')).toBe(true);
});

test('a lock that is held stays, however many signs of life others give', async () => {
  await locksOfA.tryAcquire('default', 'r');
  for (const { member } of [a, b]) {
    let left = 3;
    await new Promise<void>((resolve) => {
      const stop = member.onBeat(() => {
        if (--left > 0) return;
        stop();
        resolve();
      });
    });
  }
  expect(rows()).toBe(1);
  expect(await locksOfB.tryAcquire('default', 'r')).toBeUndefined();
});

test('a lock that could not be released is released later, each time', async () => {
  for (let time = 0; time < 2; time++) {
    const release = await locksOfA.tryAcquire('default', 'r');
    a.cut = true;
    await release?.();
    expect(rows()).toBe(1);
    a.cut = false;
    await vi.waitFor(() => expect(rows()).toBe(0), patience);
  }
});

test('a lock that is taken again while what was left of it is being removed stays', async () => {
  const release = await locksOfA.tryAcquire('default', 'r');
  a.cut = true;
  await release?.();
  const begun = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  a.before = async ({ operations }) => {
    if (!operations.some(({ type, key }) => type === 'delete' && key.resource === revisionLocks)) return;
    begun.resolve();
    await taken.promise;
  };
  a.cut = false;
  await begun.promise;
  expect(await locksOfA.tryAcquire('default', 'r')).toBeDefined();
  a.before = undefined;
  taken.resolve();
  // The removal has come through when a sign of life that was begun after it has.
  let left = 2;
  await new Promise<void>((resolve) => {
    const stop = a.member.onBeat(() => {
      if (--left > 0) return;
      stop();
      resolve();
    });
  });
  expect(rows()).toBe(1);
});

test('a lock that could not be taken while the database was away can be taken afterwards', async () => {
  a.cut = true;
  await expect(locksOfA.tryAcquire('default', 'r')).rejects.toThrow('cut off');
  a.cut = false;
  expect(await locksOfA.tryAcquire('default', 'r')).toBeDefined();
});

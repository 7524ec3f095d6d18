import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { revisionLocks } from '../../cache/records.ts';
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
  await vi.waitFor(async () => expect(await locksOfB.tryAcquire('default', 'r')).toBeDefined(), patience);
});

test('a lock that could not be released is released later', async () => {
  const release = await locksOfA.tryAcquire('default', 'r');
  a.cut = true;
  await release?.();
  expect(rows()).toBe(1);
  a.cut = false;
  await vi.waitFor(() => expect(rows()).toBe(0), patience);
});

import { StoreUnavailableError, type WriteSet } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { putRecord, revisionLocks, beats as signs } from '../../cache/records.ts';
import { holderOf, memberKey } from './member.ts';
import { type Joined, type Members, openMembers } from './members.test-support.ts';

const leaseMs = 50;
const patience = { timeout: 30_000, interval: 5 };
const key = { resource: 'things', namespace: '', name: 'one' };

let members: Members;
beforeEach(async () => {
  members = await openMembers(leaseMs);
});
afterEach(() => members.close());

/** Resolves when a member has given so many more signs of life. */
async function beats({ member }: Joined, count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = count;
    const stop = member.onBeat(() => {
      if (--left > 0) return;
      stop();
      resolve();
    });
  });
}

test('one that gives no sign of life is declared dead, and can write nothing any more', async () => {
  const a = await members.join();
  const b = await members.join();
  b.cut = true;
  await vi.waitFor(() => expect(a.member.isAlive(b.member.id)).toBe(false), patience);
  b.cut = false;
  const late = b.member.store.commit({ operations: [putRecord(key, {})] });
  await expect(late).rejects.toThrow(StoreUnavailableError);
  expect(members.objects.get(key)).toBeUndefined();
  expect(b.lost?.message).toMatch(/taken this one for dead/);
  expect(a.lost).toBeUndefined();
});

test('one that is silent is not declared dead before another has given seven signs of life, nor much later', async () => {
  const a = await members.join();
  const b = await members.join();
  await beats(b, 1);
  b.cut = true;
  let given = 0;
  while (a.member.isAlive(b.member.id)) {
    await beats(a, 1);
    given++;
  }
  // The first of them may have been the first to see the last sign of the other, and the last may have come while that was written down.
  expect([7, 8, 9]).toContain(given);
});

test('one with a longer lease than the others is given the time of its own, and one with a shorter lease as many signs as any', async () => {
  const brief = await members.join();
  const long = await members.join({ leaseMs: 6 * leaseMs });
  const silence = async (silent: Joined, other: Joined): Promise<number> => {
    await beats(silent, 1);
    silent.cut = true;
    let given = 0;
    for (; other.member.isAlive(silent.member.id); given++) await beats(other, 1);
    return given;
  };
  // One or two may have been given while the last sign of life was on its way.
  expect(await silence(long, brief)).toBeGreaterThan(6 * 7 - 3);
  const another = await members.join({ leaseMs: 6 * leaseMs });
  expect(await silence(brief, another)).toBeGreaterThan(7 - 3);
});

test('one that gives a sign of life while it is being declared dead stays', async () => {
  const a = await members.join();
  const b = await members.join();
  const { id } = b.member;
  const saved = Promise.withResolvers<void>();
  a.before = async ({ operations }) => {
    if (!operations.some(({ type, key }) => type === 'delete' && key.name === memberKey(id).name)) return;
    a.before = undefined;
    await members.store.commit({ operations: [putRecord({ resource: signs, namespace: '', name: id }, { count: 0 })] });
    b.cut = false;
    saved.resolve();
  };
  b.cut = true;
  await saved.promise;
  await Promise.all([beats(a, 2), beats(b, 2)]);
  expect(a.member.isAlive(id)).toBe(true);
  expect([a.lost, b.lost]).toEqual([undefined, undefined]);
});

test('those that give signs of life stay', async () => {
  const a = await members.join();
  const b = await members.join();
  await Promise.all([beats(a, 20), beats(b, 20)]);
  expect([a.member.isAlive(b.member.id), b.member.isAlive(a.member.id)]).toEqual([true, true]);
});

test('nobody dies of a database that is away for all', async () => {
  const a = await members.join();
  const b = await members.join();
  for (const one of [a, b]) one.cut = true;
  await new Promise((resolve) => setTimeout(resolve, 5 * leaseMs));
  for (const one of [a, b]) one.cut = false;
  await Promise.all([beats(a, 3), beats(b, 3)]);
  expect([a.member.isAlive(b.member.id), b.member.isAlive(a.member.id)]).toEqual([true, true]);
});

test('pushes are allowed for less than a lease after each sign of life', async () => {
  // A lease that the first sign of life cannot outlast, however slow the machine is.
  const unhurried = await openMembers(600_000);
  const patient = await unhurried.join();
  expect(patient.mayPush).toBeGreaterThan(0);
  expect(patient.mayPush).toBeLessThan(600_000);
  await unhurried.close();

  const a = await members.join();
  a.mayPush = undefined;
  await beats(a, 1);
  expect(a.mayPush).toBeLessThan(leaseMs);
});

test('no push is allowed by a sign of life that could not be given', async () => {
  const a = await members.join();
  let tries = 0;
  a.before = async () => {
    tries++;
    throw new StoreUnavailableError('the database is away');
  };
  a.mayPush = undefined;
  await vi.waitFor(() => expect(tries).toBeGreaterThan(2), patience);
  expect(a.mayPush).toBeUndefined();
});

test('one that has been declared dead itself declares nobody dead, and learns of it', async () => {
  const a = await members.join();
  const b = await members.join();
  const removesB = ({ operations }: WriteSet) =>
    operations.some(({ type, key }) => type === 'delete' && key.name === memberKey(b.member.id).name);
  a.before = async (writeSet) => {
    if (!removesB(writeSet)) return;
    a.before = undefined;
    await members.store.commit({ operations: [{ type: 'delete', key: memberKey(a.member.id) }] });
  };
  b.cut = true;
  await vi.waitFor(() => expect(a.lost).toBeDefined(), patience);
  expect(a.before).toBeUndefined();
  expect(b.member.isAlive(b.member.id)).toBe(true);
});

test('an earlier user of the same directory is gone at once', async () => {
  const a = await members.join();
  const b = await members.join({ predecessors: [a.member.id] });
  expect(b.member.isAlive(a.member.id)).toBe(false);
  await vi.waitFor(() => expect(a.lost).toBeDefined(), patience);
});

test('who leaves is gone at once', async () => {
  const a = await members.join();
  const b = await members.join();
  await a.member.leave();
  expect(b.member.isAlive(a.member.id)).toBe(false);
  expect(a.lost).toBeUndefined();
});

test('who leaves is gone at once, also where one of its locks goes in the same moment', async () => {
  const a = await members.join();
  const lock = { resource: revisionLocks, namespace: 'default', name: 'r' };
  await members.store.commit({ operations: [putRecord(lock, { holder: a.member.id })] });
  a.before = async ({ operations }) => {
    if (!operations.some(({ key }) => key.resource === lock.resource)) return;
    a.before = undefined;
    await members.store.commit({ operations: [{ type: 'delete', key: lock }] });
  };
  await a.member.leave();
  expect(a.before).toBeUndefined();
  expect(a.member.isAlive(a.member.id)).toBe(false);
});

test('a lock that another has taken from who leaves, in the same moment, stays with the other', async () => {
  const [a, b] = [await members.join(), await members.join()];
  const lock = { resource: revisionLocks, namespace: 'default', name: 'r' };
  await members.store.commit({ operations: [putRecord(lock, { holder: a.member.id })] });
  a.before = async ({ operations }) => {
    if (!operations.some(({ key }) => key.resource === lock.resource)) return;
    a.before = undefined;
    await members.store.commit({ operations: [putRecord(lock, { holder: b.member.id })] });
  };
  await a.member.leave();
  expect(a.member.isAlive(a.member.id)).toBe(false);
  const row = members.objects.get(lock);
  expect(row && holderOf(row)).toBe(b.member.id);
});

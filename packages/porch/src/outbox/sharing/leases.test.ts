import type { Store } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leases as leaseRows, putRecord } from '../../cache/records.ts';
import { Leases } from './leases.ts';
import { type Joined, logger, type Members, openMembers } from './members.test-support.ts';
import { type Claim, LeaseLostError } from './ownership.ts';

const patience = { timeout: 30_000, interval: 5 };
const key = { resource: 'things', namespace: '', name: 'one' };

let members: Members;
let a: Joined;
let b: Joined;
const holding: [Joined, Leases][] = [];

beforeEach(async () => {
  members = await openMembers(50);
  [a, b] = [await members.join(), await members.join()];
  for (const one of [a, b]) {
    holding.push([one, new Leases({ member: one.member, objects: members.objects, logger })]);
  }
});
afterEach(async () => {
  for (const [, leases] of holding.splice(0)) leases.close();
  await members.close();
});

interface Holder {
  readonly who: Joined;
  readonly claim: Claim;
  /** Set while the thing is looked after. */
  store: Store | undefined;
  /** How often that has begun. */
  times: number;
}

function claims(name: string): Holder[] {
  return holding.map(([who, leases]) => claimBy(who, leases, name));
}

function claimBy(who: Joined, leases: Leases, name: string): Holder {
  const holder = { who, store: undefined as Store | undefined, times: 0 };
  const claim = leases.claim(name, {
    begin: (store) => {
      holder.store = store;
      holder.times++;
    },
    end: async () => {
      holder.store = undefined;
    },
  });
  return Object.assign(holder, { claim });
}

async function held(holders: readonly Holder[]): Promise<Holder> {
  return vi.waitFor(() => {
    const [one, ...others] = holders.filter(({ store }) => store !== undefined);
    expect(others).toEqual([]);
    if (one === undefined) throw new Error('nobody holds it');
    return one;
  }, patience);
}

test('one looks after a thing; who gives it back lets the other go on', async () => {
  const holders = claims('thing');
  const first = await held(holders);
  const second = holders.find((one) => one !== first);
  await first.store?.commit({ operations: [putRecord(key, { by: 'first' })] });
  for (const [who, leases] of holding) expect(leases.isElsewhere('thing')).toBe(who !== first.who);
  await first.claim.release();
  expect(await held(holders)).toBe(second);
});

test('what the dead one looked after falls to the other, and its late writes are refused', async () => {
  const holders = claims('thing');
  const first = await held(holders);
  const { store } = first;
  first.who.cut = true;
  const second = holders.find((one) => one !== first);
  await vi.waitFor(() => expect(second?.store).toBeDefined(), patience);
  await second?.store?.commit({ operations: [putRecord(key, { by: 'second' })] });
  first.who.cut = false;
  await expect(store?.commit({ operations: [putRecord(key, { by: 'first' })] })).rejects.toThrow();
  expect(members.objects.get(key)?.bytes.toString()).toContain('second');
});

test("what the dead one looked after is nobody else's, although nobody has taken it", async () => {
  const [ofA, ofB] = holding.map(([, leases]) => leases);
  if (ofA === undefined || ofB === undefined) throw new Error('two are there');
  await held([claimBy(a, ofA, 'thing')]);
  expect(ofB.isElsewhere('thing')).toBe(true);
  a.cut = true;
  await vi.waitFor(() => expect(ofB.isElsewhere('thing')).toBe(false), patience);
});

test('write sets carry the epoch of the lease', async () => {
  const holders = claims('thing');
  const first = await held(holders);
  const { store } = first;
  await first.claim.release();
  await held(holders);
  await expect(store?.commit({ operations: [putRecord(key, {})] })).rejects.toThrow(LeaseLostError);
});

test('things are spread over the processes that look after things', async () => {
  const all = Array.from({ length: 24 }, (_, n) => claims(`thing-${n}`));
  const owners = await Promise.all(all.map(held));
  const ofA = owners.filter(({ who }) => who === a).length;
  expect(ofA).toBeGreaterThan(0);
  expect(ofA).toBeLessThan(owners.length);
});

test('of two that take a free lease at the same time one has it', async () => {
  const both = Promise.withResolvers<void>();
  const waiting = new Set<Joined>();
  for (const one of [a, b]) {
    one.before = async ({ operations }) => {
      if (!operations.some(({ key }) => key.resource === leaseRows)) return;
      waiting.add(one);
      if (waiting.size === 2) both.resolve();
      await both.promise;
    };
  }
  const holders = claims('thing');
  await both.promise;
  await held(holders);
  // Whatever was on its way has been written when this has.
  await members.store.commit({ operations: [] });
  expect(holders.filter(({ store }) => store !== undefined)).toHaveLength(1);
});

test('what was given back may be claimed again', async () => {
  for (let time = 0; time < 2; time++) {
    const holders = claims('thing');
    await held(holders);
    for (const { claim } of holders) await claim.release();
    expect(holders.map(({ store }) => store)).toEqual([undefined, undefined]);
  }
});

test('what could not be given back can be claimed again, although nobody has had it meanwhile', async () => {
  const unhurried = await openMembers(3_600_000);
  const one = await unhurried.join();
  const leases = new Leases({ member: one.member, objects: unhurried.objects, logger });
  const first = claimBy(one, leases, 'thing');
  await held([first]);
  one.cut = true;
  await first.claim.release();
  one.cut = false;
  const [row] = unhurried.objects.list(leaseRows).items;
  expect(row?.key.name).toBe('thing');
  const again = claimBy(one, leases, 'thing');
  await held([again]);
  expect(unhurried.objects.list(leaseRows).items[0]?.revision).toBeGreaterThan(row?.revision ?? 0);
  leases.close();
  await unhurried.close();
});

test('a lease that comes when its claim has just been given up is given back, and nothing begins', async () => {
  const holders = Array.from({ length: 4 }, (_, n) => claims(`thing-${n}`)).flat();
  await Promise.all(holders.map(({ claim }) => claim.release()));
  // Whatever was on its way has been written when this has.
  await members.store.commit({ operations: [] });
  expect(members.objects.list(leaseRows).items).toEqual([]);
  expect(holders.map(({ times }) => times)).toEqual(holders.map(() => 0));
});

test('what falls to a member is taken as soon as it is free, not with a sign of life, and nothing falls to those that only serve', async () => {
  const unhurried = await openMembers(3_600_000);
  const join = async (): Promise<[Joined, Leases]> => {
    const joined = await unhurried.join();
    return [joined, new Leases({ member: joined.member, objects: unhurried.objects, logger })];
  };
  await unhurried.join({ controllers: false });
  const names = Array.from({ length: 24 }, (_, n) => `thing-${n}`);
  const taken = (holders: readonly Holder[]) => holders.filter(({ store }) => store !== undefined).length;
  const [first, leasesOfFirst] = await join();
  const ofFirst = names.map((name) => claimBy(first, leasesOfFirst, name));
  await vi.waitFor(() => expect(taken(ofFirst)).toBe(names.length), patience);
  const [second, leasesOfSecond] = await join();
  const ofSecond = names.map((name) => claimBy(second, leasesOfSecond, name));
  expect(taken(ofSecond)).toBe(0);
  for (const { claim } of ofFirst) await claim.release();
  await vi.waitFor(() => expect(taken(ofSecond)).toBeGreaterThan(0), patience);
  expect(taken(ofSecond)).toBeLessThan(names.length);
  // Members that come and go are no time that has passed.
  for (let time = 0; time < 3; time++) await (await unhurried.join({ controllers: false })).member.leave();
  await unhurried.store.commit({ operations: [] });
  expect(taken(ofSecond)).toBeLessThan(names.length);
  await first.member.leave();
  await vi.waitFor(() => expect(taken(ofSecond)).toBe(names.length), patience);
  for (const leases of [leasesOfFirst, leasesOfSecond]) leases.close();
  await unhurried.close();
});

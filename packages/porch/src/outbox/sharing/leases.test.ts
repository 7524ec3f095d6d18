import type { Store } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { putRecord } from '../../cache/records.ts';
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
}

function claims(name: string): Holder[] {
  return holding.map(([who, leases]) => {
    const holder = { who, store: undefined as Store | undefined };
    const claim = leases.claim(name, {
      begin: (store) => {
        holder.store = store;
      },
      end: async () => {
        holder.store = undefined;
      },
    });
    return Object.assign(holder, { claim });
  });
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

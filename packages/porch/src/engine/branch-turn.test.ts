import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LocalLocks, Mutexes, type RevisionLocks } from '../cache/locks.ts';
import { putRecord } from '../cache/records.ts';
import { RevisionCache } from '../cache/revision-cache.ts';
import { logger, type Members, openMembers } from '../outbox/sharing/members.test-support.ts';
import { SharedLocks } from '../outbox/sharing/shared-locks.ts';
import { type BranchTurn, takeBranchTurn } from './branch-turn.ts';

type Take = (work: (turn: BranchTurn) => Promise<void>, signal?: AbortSignal) => Promise<void>;

let members: Members;

beforeEach(async () => {
  members = await openMembers(5_000);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await members.close();
});

async function server(): Promise<Take> {
  const { member } = await members.join();
  return taking(new SharedLocks({ member, objects: members.objects, logger }));
}

function taking(revisionLocks: RevisionLocks): Take {
  const cache = new RevisionCache(members.objects, new Map());
  const parts = { cache, packageMutexes: new Mutexes(), revisionLocks };
  const branch = { url: 'https://git.example.com/r.git', branch: 'main' };
  return (work, signal = new AbortController().signal) => takeBranchTurn(parts, branch, signal, work);
}

/** Wakes everybody who waits for a change. */
async function changeSomething(): Promise<void> {
  const key = { resource: 'others.internal.porch.kpt.dev', namespace: '', name: crypto.randomUUID() };
  await members.store.commit({ operations: [putRecord(key, {})] });
}

test('a server has one turn at a time', async () => {
  const take = taking(new LocalLocks());
  const log: string[] = [];
  const turn = (name: string) =>
    take(async ({ lost }) => {
      log.push(`${name} begins`);
      expect(await lost()).toBe(false);
      await changeSomething();
      log.push(`${name} ends`);
    });
  await Promise.all([turn('a'), turn('b')]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('whoever was too late keeps other servers from beginning', async () => {
  const [a, b] = [await server(), await server()];
  const log: string[] = [];
  let second: Promise<void> | undefined;
  await a(async ({ lost }) => {
    expect(await lost()).toBe(false);
    second = b(async () => void log.push('b'));
    for (let n = 0; n < 10; n++) await changeSomething();
    log.push('a');
  });
  await second;
  expect(log).toEqual(['a', 'b']);
});

test('a server that had begun goes on, and waits when it was too late as well', async () => {
  const [a, b] = [await server(), await server()];
  const log: string[] = [];
  const [begun, holds] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const second = b(async ({ lost }) => {
    begun.resolve();
    await holds.promise;
    expect(await lost()).toBe(true);
    log.push('b');
  });
  await begun.promise;
  await a(async ({ lost }) => {
    await lost();
    holds.resolve();
    for (let n = 0; n < 10; n++) await changeSomething();
    log.push('a');
  });
  await second;
  expect(log).toEqual(['a', 'b']);
});

test('the wait for other servers ends after a while', async () => {
  const waits: AbortController[] = [];
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
    const wait = new AbortController();
    waits.push(wait);
    return wait.signal;
  });
  const [a, b] = [await server(), await server()];
  await a(async ({ lost }) => {
    await lost();
    waits.splice(0);
    const second = b(async ({ lost: lostToo }) => {
      const asked = lostToo();
      await expect.poll(() => waits.length).toBe(2);
      waits[1]?.abort();
      expect(await asked).toBe(true);
    });
    await expect.poll(() => waits.length).toBe(1);
    waits[0]?.abort();
    await second;
  });
});

test('the wait ends with the request', async () => {
  const [a, b] = [await server(), await server()];
  const reason = new Error('the client went away');
  await a(async ({ lost }) => {
    await lost();
    await expect(b(async () => expect.unreachable(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

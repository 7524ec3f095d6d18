import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Members, openMembers } from '../outbox/sharing/members.test-support.ts';
import { requireNoneBefore, silentOfOtherClusters } from './other-clusters.ts';

const hourMs = 3_600_000;

let members: Members;
let warned: string[];
beforeEach(async () => {
  members = await openMembers(500);
  warned = [];
});
afterEach(() => members.close());

/** A server of the cluster `ours` that is about to start. */
const newcomer = (dead: readonly string[] = []) => {
  const logger = { warn: (_: unknown, text?: string) => void warned.push(text ?? '') };
  return { cluster: 'ours', objects: members.objects, logger, dead, lookMs: 10 };
};

it('does not start beside a server of another cluster, also when its lease is long and its signs of life are rare', async () => {
  await members.join({ cluster: 'theirs', leaseMs: 5000 });
  const starting = silentOfOtherClusters(newcomer());
  await expect(starting).rejects.toThrow(
    new RegExp(
      `^a server of another cluster works on the database \\(process ${process.pid} on .+ has the UID theirs there, and ours here\\): ` +
        '.* give each cluster a database of its own, or, .* stop the servers of the other one first$',
    ),
  );
  await expect(starting).rejects.toMatchObject({ name: 'StartupError' });
});

it('starts at once beside those of its own cluster and of earlier versions, also when they are silent', async () => {
  await members.join({ cluster: 'ours', leaseMs: hourMs });
  await members.join({ leaseMs: hourMs });
  expect(await silentOfOtherClusters(newcomer())).toEqual([]);
  expect(warned).toEqual([]);
});

it('takes the place of those that are silent, which are over then', async () => {
  const silent = await members.join({ cluster: 'theirs' });
  silent.cut = true;
  const ids = await silentOfOtherClusters(newcomer());
  expect(ids).toEqual([silent.member.id]);
  expect(warned).toEqual([expect.stringContaining('have not signed off')]);
  const joined = await members.join({ cluster: 'ours', predecessors: ids });
  expect(joined.member.isAlive(silent.member.id)).toBe(false);
  requireNoneBefore(newcomer(), joined.member);
});

it('waits no longer when they sign off', async () => {
  const leaving = await members.join({ cluster: 'theirs', leaseMs: hourMs });
  const starting = silentOfOtherClusters(newcomer());
  await leaving.member.leave();
  expect(await starting).toEqual([]);
});

it('does not wait for earlier users of its data directory', async () => {
  const earlier = await members.join({ cluster: 'theirs', leaseMs: hourMs });
  earlier.cut = true;
  expect(await silentOfOtherClusters(newcomer([earlier.member.id]))).toEqual([]);
});

it('of servers of two clusters that start in one moment the first to join stays', async () => {
  expect(await silentOfOtherClusters(newcomer())).toEqual([]);
  const first = await members.join({ cluster: 'theirs' });
  const second = await members.join({ cluster: 'ours' });
  expect(() => requireNoneBefore(newcomer(), second.member)).toThrow(/another cluster works on the database/);
  requireNoneBefore({ ...newcomer(), cluster: 'theirs' }, first.member);
});

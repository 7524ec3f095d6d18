import { setTimeout as pause } from 'node:timers/promises';
import type { Snapshot, Store } from '@porch/apiserver';
import { beats, type MemberRecord, members, recordOf } from '../../cache/records.ts';
import { StartupError } from '../startup-error.ts';

/** Long enough for some signs of life at the usual time of a lease. */
const waitMs = 15_000;
const intervalMs = 250;
/** Changes that are looked at in one go. */
const atOnce = 1000;

/**
 * Makes sure that no process works on a shared store. Those that ended without signing off are told from the others by giving no sign of
 * life, which takes a while: the time of the longest lease, where that is longer than `waitedMs`.
 * @throws StartupError that names one that runs
 */
export async function requireNoMembers(store: Store, snapshot: Snapshot, waitedMs = waitMs): Promise<void> {
  const registered = snapshot.objects.filter(({ key }) => key.resource === members);
  if (registered.length === 0) return;
  // A lease has several signs of life.
  const leasesMs = registered.map((member) => recordOf<MemberRecord>(member).leaseMs ?? 0);
  let seen = snapshot.revision;
  for (const deadline = performance.now() + Math.max(waitedMs, ...leasesMs); performance.now() < deadline; ) {
    await pause(intervalMs);
    const { changes, next } = await store.changesAfter(seen, atOnce);
    seen = next;
    const alive = changes.find(({ object }) => object.key.resource === beats)?.object.key.name;
    const member = registered.find(({ key }) => key.name === alive);
    if (alive === undefined) continue;
    const { host, pid } = member === undefined ? { host: 'another host', pid: 0 } : recordOf<MemberRecord>(member);
    throw new StartupError(`a server works on the database (process ${pid} on ${host}); stop all of them first`);
  }
}

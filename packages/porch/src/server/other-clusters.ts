import { setTimeout as pause } from 'node:timers/promises';
import { type ServedObject, StoreUnavailableError, type WatchCache } from '@porch/apiserver';
import type { Logger } from 'pino';
import { type MemberRecord, members } from '../cache/records.ts';
import { decodeRecord } from '../cache/revision-cache.ts';
import { deadAfterMs, lastSign, type Member } from '../outbox/sharing/member.ts';
import { caughtUp } from './caught-up.ts';
import { StartupError, UnreachableError } from './startup-error.ts';

/** A server that is about to join those on a database. */
export interface Newcomer {
  /** Identity of the cluster that has its Repositories. */
  readonly cluster: string;
  readonly objects: WatchCache;
  readonly logger: Pick<Logger, 'warn'>;
  /** Ids of members that are known to be dead. */
  readonly dead: readonly string[];
  /** Time between two looks, in milliseconds. */
  readonly lookMs?: number;
}

/**
 * Makes sure that no server of another cluster works on the database: each would take the package revisions of the other's Repositories
 * out of the API. Those that ended without signing off are told by their silence, which takes as long as it takes other servers. Servers
 * that name no cluster are taken for ones of this. Gives the ids of the silent ones, which are dead.
 * @throws StartupError that names one that works; UnreachableError when the database goes away meanwhile
 */
export async function silentOfOtherClusters(newcomer: Newcomer): Promise<readonly string[]> {
  const { objects, logger, lookMs = 250 } = newcomer;
  const known = membersOfOthers(newcomer);
  if (known.length === 0) return [];
  const patienceMs = deadAfterMs(Math.max(...known.map(({ leaseMs = 0 }) => leaseMs)));
  logger.warn(
    { members: known, patienceMs },
    'servers of another cluster were on the database and have not signed off; it is seen whether they give a sign of life',
  );
  const signs = new Map(known.map(({ id }) => [id, lastSign(objects, id)]));
  let silent = known;
  // Own looks are counted, not time: a machine that has slept takes nobody for dead.
  for (let looks = patienceMs / lookMs; looks > 0 && silent.length > 0; looks--) {
    await pause(lookMs);
    await whileReachable(() => caughtUp(objects));
    silent = membersOfOthers(newcomer).filter(({ id }) => signs.has(id));
    for (const member of silent) if (lastSign(objects, member.id) !== signs.get(member.id)) refuse(newcomer, member);
  }
  return silent.map(({ id }) => id);
}

/**
 * Makes sure that the newcomer, which has joined, was not too late: of servers of two clusters that start in the same moment the one that
 * joined first stays.
 * @throws StartupError that names one of another cluster that joined before
 */
export function requireNoneBefore(newcomer: Newcomer, joined: Pick<Member, 'alive'>): void {
  const [before] = membersOfOthers(newcomer).filter(({ revision }) => revision < joined.alive.revision);
  if (before !== undefined) refuse(newcomer, before);
}

interface OtherMember extends MemberRecord {
  readonly id: string;
  /** Of the store, when it joined. */
  readonly revision: number;
}

function membersOfOthers({ cluster, objects, dead }: Newcomer): OtherMember[] {
  const member = (served: ServedObject): OtherMember => {
    const { key, revision } = served;
    return { ...decodeRecord<MemberRecord>(served), id: key.name, revision };
  };
  return objects
    .list(members)
    .items.map(member)
    .filter((one) => one.cluster !== undefined && one.cluster !== cluster && !dead.includes(one.id));
}

function refuse(newcomer: Newcomer, { host, pid, cluster }: OtherMember): never {
  throw new StartupError(
    `a server of another cluster works on the database (process ${pid} on ${host}; the namespace kube-system has the UID ${cluster} ` +
      `there, and ${newcomer.cluster} here): each would take all package revisions of the other's Repositories out of the API, with ` +
      'their labels and the drafts that Git does not have; give each cluster a database of its own, or, when the state moves to this ' +
      'cluster, stop the servers of the other one first',
  );
}

async function whileReachable(look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw new UnreachableError(error.message, { cause: error });
    throw error;
  }
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type ObjectKey,
  type Precondition,
  PreconditionFailedError,
  type ServedObject,
  type Store,
  StoreUnavailableError,
  type WatchCache,
  type WriteOperation,
} from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../../cache/clock.ts';
import { beats, type HeldRecord, type MemberRecord, members, putRecord, revisionLocks } from '../../cache/records.ts';
import { decodeRecord } from '../../cache/revision-cache.ts';
import { fencedStore } from './fenced-store.ts';

/** A member gives so many signs of life in the time of a lease. */
const beatsInLease = 5;

/**
 * A member is taken for dead when another has given so many signs of life since its last; more of them where its lease is longer than the
 * other's. That is two fifths of a lease longer than the time after which its own pushes are ended.
 */
const beatsMissed = 7;

/** Who joins, and how long a member may be silent. */
export interface MemberOptions {
  readonly store: Store;
  readonly objects: WatchCache;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time of a lease in milliseconds; the others may have another. */
  readonly leaseMs: number;
  /** Whether this process looks after repositories and the like. */
  readonly controllers: boolean;
  /** Identity of the cluster that has the Repositories, where one has. */
  readonly cluster?: string | undefined;
  /** Members that are known to be dead, with all processes they had started: earlier users of this data directory, for instance. */
  readonly predecessors: readonly string[];
  /** The id that this process will have, before it is one; for the next one that uses the data directory. */
  readonly announce: (id: string) => Promise<void>;
  /** Called after every sign of life: pushes may go on for so many milliseconds from now. */
  readonly mayPush: (ms: number) => void;
  /** The others have taken this process for dead. It must end: what it held may be held by others. */
  readonly onLost: (error: Error) => void;
}

/**
 * This process among those that share the store. Leases and locks belong to members; nobody's clock is compared with another's: a member
 * is dead when others have given many signs of life since its last, and is declared dead before anything of its is taken.
 */
export class Member {
  readonly id: string;
  /** Holds until the others declare this process dead. */
  readonly alive: Precondition;
  /** The store, for writes that this process may make only while it counts as alive. */
  readonly store: Store;
  readonly #options: MemberOptions;
  readonly #missed = new Map<string, { readonly revision: number; beats: number }>();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #count = 0;
  #left = false;

  private constructor(options: MemberOptions, id: string, revision: number) {
    this.#options = options;
    this.id = id;
    this.alive = { key: memberKey(id), revision };
    this.store = fencedStore(options.store, this.alive, () => {
      this.#lose();
      return new StoreUnavailableError('the other servers have taken this one for dead; it starts again');
    });
  }

  /** Becomes a member. What predecessors held is free from then on. */
  static async join(options: MemberOptions): Promise<Member> {
    const { store, clock, controllers, leaseMs, cluster } = options;
    const id = randomUUID();
    await options.announce(id);
    const joined = clock().toISOString();
    const about = { host: hostname(), pid: process.pid, joined, controllers, leaseMs };
    const record: MemberRecord = cluster === undefined ? about : { ...about, cluster };
    const result = await store.commit({
      operations: [putRecord(memberKey(id), record, 0), putRecord(beatKey(id), { count: 0 }, 0)],
    });
    const member = new Member(options, id, result.changes[0]?.revision ?? result.revision);
    for (const predecessor of options.predecessors) await member.#bury(predecessor);
    await member.#beat();
    member.#next();
    return member;
  }

  /** Whether nobody has declared a member dead, and it has not left. */
  isAlive(id: string): boolean {
    return this.#options.objects.get(memberKey(id)) !== undefined;
  }

  /** Ids of the members that look after things, this one included where it does. */
  caretakers(): readonly string[] {
    return this.#options.objects
      .list(members)
      .items.filter((item) => decodeRecord<MemberRecord>(item).controllers)
      .map(({ key }) => key.name);
  }

  /** Calls back after every sign of life. Returns the function that ends it. */
  onBeat(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Gives up membership, when nothing is under way any more: what is still held is free for the others at once. */
  async leave(): Promise<void> {
    this.#left = true;
    clearTimeout(this.#timer);
    await this.#beating;
    try {
      await this.#remove(this.id);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'could not sign off; the other servers take over when the lease ends');
    }
  }

  #next(): void {
    if (this.#left) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beat().then(() => this.#next());
    }, this.#options.leaseMs / beatsInLease);
    this.#timer.unref();
  }

  async #beat(): Promise<void> {
    const { logger, leaseMs, mayPush } = this.#options;
    const begun = performance.now();
    try {
      this.#count++;
      await this.store.commit({ operations: [putRecord(beatKey(this.id), { count: this.#count })] });
      mayPush(Math.max(0, leaseMs - (performance.now() - begun)));
      await this.#judge();
    } catch (error) {
      if (this.#left) return;
      logger.warn({ err: error }, 'no sign of life could be given to the other servers');
      return;
    }
    for (const listener of this.#listeners) listener();
  }

  /** Looks who has been silent. Only signs of this process's own count as time: a database that was away makes nobody dead. */
  async #judge(): Promise<void> {
    const present = new Set<string>();
    for (const served of this.#options.objects.list(members).items) {
      const { key } = served;
      if (key.name === this.id) continue;
      present.add(key.name);
      const revision = lastSign(this.#options.objects, key.name);
      const known = this.#missed.get(key.name);
      if (known === undefined || known.revision !== revision) this.#missed.set(key.name, { revision, beats: 0 });
      else if (++known.beats >= this.#patienceWith(decodeRecord<MemberRecord>(served)))
        await this.#bury(key.name, revision);
    }
    for (const id of this.#missed.keys()) if (!present.has(id)) this.#missed.delete(id);
  }

  /** How many signs of this process's own another may miss: servers may have been started with different times. */
  #patienceWith({ leaseMs }: MemberRecord): number {
    const own = this.#options.leaseMs;
    return Math.ceil(beatsMissed * Math.max(1, (leaseMs ?? own) / own));
  }

  /** Declares a member dead, unless it has given a sign of life since the given one. */
  async #bury(id: string, lastBeat?: number): Promise<void> {
    const { objects, logger } = this.#options;
    const served = objects.get(memberKey(id));
    if (served === undefined) return;
    if (await this.#remove(id, lastBeat)) {
      const { host, pid } = decodeRecord<MemberRecord>(served);
      logger.warn({ member: id, host, pid }, 'a server is gone without signing off; others take over from it');
    }
  }

  /** Removes a member with its locks. Returns whether that was done here. */
  async #remove(id: string, lastBeat?: number): Promise<boolean> {
    const { objects } = this.#options;
    for (;;) {
      const served = objects.get(memberKey(id));
      if (served === undefined) return false;
      const beat: WriteOperation = {
        type: 'delete',
        key: beatKey(id),
        ...(lastBeat === undefined ? {} : { expected: lastBeat }),
      };
      const locks = locksOf(objects, id);
      try {
        await this.store.commit({
          operations: [
            { type: 'delete', key: memberKey(id), expected: served.revision },
            beat,
            ...locks.map(({ key, revision }) => ({ type: 'delete' as const, key, expected: revision })),
          ],
        });
        return true;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        if (error.key.resource !== revisionLocks) return false;
      }
    }
  }

  #lose(): void {
    if (this.#left) return;
    this.#left = true;
    clearTimeout(this.#timer);
    this.#options.onLost(
      new Error(
        'the other servers have taken this one for dead, because it gave no sign of life; it has to start again',
      ),
    );
  }
}

/** Key of a member's record. */
export function memberKey(id: string): ObjectKey {
  return { resource: members, namespace: '', name: id };
}

function beatKey(id: string): ObjectKey {
  return { resource: beats, namespace: '', name: id };
}

/** Revision of the last sign of life of a member; 0 where there is none. */
export function lastSign(objects: WatchCache, id: string): number {
  return objects.get(beatKey(id))?.revision ?? 0;
}

/** How long a member whose lease has this time must be silent to be taken for dead; both in milliseconds. */
export function deadAfterMs(leaseMs: number): number {
  return (leaseMs * beatsMissed) / beatsInLease;
}

/** Who holds a lease or a lock. */
export function holderOf(served: ServedObject): string {
  return decodeRecord<HeldRecord>(served).holder;
}

function locksOf(objects: WatchCache, id: string): ServedObject[] {
  return objects.list(revisionLocks).items.filter((item) => holderOf(item) === id);
}

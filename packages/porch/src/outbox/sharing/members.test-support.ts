/** Several members on one store in one process, each of which can be cut off from it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createWatchCache,
  openSqliteStore,
  type Store,
  StoreUnavailableError,
  type WatchCache,
  type WriteSet,
} from '@porch/apiserver';
import pino from 'pino';
import { Member } from './member.ts';

export const logger = pino({ level: 'silent' });

/** A member, and what has been done to it. */
export interface Joined {
  readonly member: Member;
  /** While set, nothing that it writes is written. */
  cut: boolean;
  /** Is waited for before each of its writes. */
  before: ((writeSet: WriteSet) => Promise<unknown>) | undefined;
  /** What it was told when the others had declared it dead. */
  lost: Error | undefined;
  /** What it was last told of how long pushes may run, in milliseconds. */
  mayPush: number | undefined;
}

export interface JoinOptions {
  readonly predecessors?: readonly string[];
  readonly controllers?: boolean;
  readonly leaseMs?: number;
  readonly cluster?: string;
}

export interface Members {
  readonly store: Store;
  readonly objects: WatchCache;
  /** `leaseMs`: where it is not the time of the others. */
  join(options?: JoinOptions): Promise<Joined>;
  close(): Promise<void>;
}

/** Opens a store for members whose leases have the given time, in milliseconds, unless they join with another. */
export async function openMembers(usualLeaseMs: number): Promise<Members> {
  const directory = mkdtempSync(join(tmpdir(), 'porch-members-'));
  const store = await openSqliteStore({ directory });
  const objects = await createWatchCache({ store, definitions: new Map() });
  const all: Joined[] = [];
  return {
    store,
    objects,
    async join({ predecessors = [], controllers = true, leaseMs = usualLeaseMs, cluster } = {}) {
      const state: Omit<Joined, 'member'> = { cut: false, before: undefined, lost: undefined, mayPush: undefined };
      const own: Store = {
        ...boundTo(store),
        async commit(writeSet, options) {
          if (state.cut) throw new StoreUnavailableError('cut off');
          await state.before?.(writeSet);
          return store.commit(writeSet, options);
        },
      };
      const member = await Member.join({
        store: own,
        objects,
        clock: () => new Date(),
        logger,
        leaseMs,
        controllers,
        cluster,
        predecessors,
        announce: async () => undefined,
        mayPush: (ms) => {
          state.mayPush = ms;
        },
        onLost: (error) => {
          state.lost = error;
        },
      });
      const joined = Object.assign(state, { member });
      all.push(joined);
      return joined;
    },
    async close() {
      for (const joined of all) {
        joined.cut = false;
        await joined.member.leave();
      }
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function boundTo(store: Store): Omit<Store, 'commit'> {
  return {
    snapshot: (options) => store.snapshot(options),
    onCommit: (listener) => store.onCommit(listener),
    changesAfter: (revision, limit) => store.changesAfter(revision, limit),
    objectAt: (key, revision) => store.objectAt(key, revision),
    content: (digest) => store.content(digest),
    compact: (revision, graceMs) => store.compact(revision, graceMs),
    close: () => store.close(),
  };
}

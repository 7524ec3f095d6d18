import { join } from 'node:path';
import type { Store } from '@porch/apiserver';
import { LocalLocks, type RevisionLocks } from '../cache/locks.ts';
import { Leases } from '../outbox/sharing/leases.ts';
import { Member } from '../outbox/sharing/member.ts';
import { type Ownership, soleOwnership } from '../outbox/sharing/ownership.ts';
import { SharedLocks } from '../outbox/sharing/shared-locks.ts';
import type { Composition } from './composition.ts';
import { readIfThere, writePrivateFile } from './data-files.ts';
import { isShared } from './database-url.ts';
import type { ServerData } from './open-data.ts';
import type { ServerState } from './open-state.ts';
import { requireNoneBefore, silentOfOtherClusters } from './other-clusters.ts';
import { StartupError } from './startup-error.ts';

/** How this process gets on with others that use the same database. */
export interface Sharing {
  readonly ownership: Ownership;
  readonly locks: RevisionLocks;
  /** The store, for writes that only a process may make which the others count on. */
  readonly store: Store;
}

/**
 * Joins the processes that share the database; without one, everything belongs to this process. `cluster`: identity of the cluster that has
 * the Repositories, where one has and its identity is known.
 * @throws StartupError when processes of another cluster share the database
 */
export async function openSharing(
  composition: Composition,
  data: ServerData,
  state: ServerState,
  cluster?: string,
): Promise<Sharing> {
  const { settings, logger, clock, onClose, fatal, isClosing, whenReachable } = composition;
  const { store, objects } = state;
  if (!isShared(settings.database)) {
    if (!settings.controllers) {
      throw new StartupError(
        '--controllers=false leaves repositories to porch controllers, which needs a shared database: give --database-url-file',
      );
    }
    return { ownership: soleOwnership(store), locks: new LocalLocks(), store };
  }
  const file = join(data.files.root, 'members');
  // Whoever wrote these held the directory's lock, which is ours now: it is gone, and so is all that it had started.
  const predecessors = ((await readIfThere(file)) ?? '').split('\n').filter((id) => id !== '');
  const newcomer = cluster === undefined ? undefined : { cluster, objects, logger, dead: predecessors };
  const silent = newcomer === undefined ? [] : await whenReachable(() => silentOfOtherClusters(newcomer));
  const member = await Member.join({
    store,
    objects,
    clock,
    logger,
    leaseMs: settings.leaseDurationMs,
    controllers: settings.controllers,
    cluster,
    predecessors: [...predecessors, ...silent],
    announce: (id) => writePrivateFile(file, `${[id, ...predecessors].join('\n')}\n`),
    mayPush: (ms) => data.processes.allowPushes(ms),
    onLost: (error) => {
      if (!isClosing()) fatal(error);
    },
  });
  onClose(() => member.leave());
  if (newcomer !== undefined) requireNoneBefore(newcomer, member);
  await writePrivateFile(file, `${member.id}\n`);
  const locks = new SharedLocks({ member, objects, logger });
  onClose(() => locks.close());
  const ownership = new Leases({ member, objects, logger });
  onClose(() => ownership.close());
  return { ownership, locks, store: member.store };
}

import type { GitRepository } from '../cache/git-repositories.ts';
import type { Release } from '../cache/locks.ts';
import type { RemoteReferences } from '../git/types.ts';
import type { NotDone } from '../outbox/intents.ts';
import { branchMutex } from './mutex-names.ts';
import type { EngineParts } from './parts.ts';

/** Longest wait for other servers, in milliseconds. */
const mostWaitMs = 10_000;

/** The branch that is to be moved. */
export interface MovedBranch {
  readonly url: string;
  readonly branch: string;
}

/** A turn at moving a branch. */
export interface BranchTurn {
  /**
   * Says that a push found the branch moved. From then until the turn is over, other servers begin no push to it: whoever has to make
   * everything anew would be too late again and again. Tells whether others had to be waited for: what was known of the branch is out of
   * date then.
   * @throws StoreUnavailableError
   */
  lost(): Promise<boolean>;
}

/**
 * Runs what moves a branch: one at a time in this process, and after those of other servers that were too late before. The latter is a
 * courtesy that ends after ten seconds; what keeps pushes from overwriting one another is their leases.
 * @throws what `work` throws; the signal's reason
 */
export function takeBranchTurn<T>(
  parts: Pick<EngineParts, 'cache' | 'packageMutexes' | 'revisionLocks'>,
  branch: MovedBranch,
  signal: AbortSignal,
  work: (turn: BranchTurn) => Promise<T>,
): Promise<T> {
  const { revisionLocks: locks } = parts;
  const name = branchMutex(branch);
  const othersAreDone = async (late: AbortSignal): Promise<void> => {
    while (locks.heldElsewhere('', name) && !late.aborted) await somethingChanges(parts, signal, late);
  };
  return parts.packageMutexes.run(name, async () => {
    let release: Release | undefined;
    await othersAreDone(AbortSignal.timeout(mostWaitMs));
    try {
      return await work({
        async lost() {
          const late = AbortSignal.timeout(mostWaitMs);
          let waited = false;
          while (release === undefined && !late.aborted) {
            release = await locks.tryAcquire('', name);
            if (release !== undefined) break;
            waited = true;
            await othersAreDone(late);
          }
          return waited;
        },
      });
    } finally {
      await release?.();
    }
  });
}

/** What the remote has after a push that came too late, with all its objects in the mirror. @throws GitError */
export async function referencesAfter(git: GitRepository, push: NotDone, turn: BranchTurn): Promise<RemoteReferences> {
  const waited = await turn.lost();
  const access = await git.access();
  const references = waited ? await git.mirror.lsRemote(access) : push.references;
  await git.mirror.fetch(access);
  return references;
}

async function somethingChanges(
  { cache }: Pick<EngineParts, 'cache'>,
  signal: AbortSignal,
  late: AbortSignal,
): Promise<void> {
  try {
    await cache.objects.reached(cache.revision + 1, AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
  }
}

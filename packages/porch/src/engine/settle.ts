import type { ObjectKey } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { Release } from '../cache/locks.ts';
import type { Intent, RevisionState } from '../cache/records.ts';
import type { Read } from '../cache/revision-cache.ts';
import { branchReference } from '../git/layout.ts';
import { GitError } from '../git/types.ts';
import { ensureObjects } from '../outbox/ensure-objects.ts';
import { carryOn, forgetIntent, isDone, leftOf } from '../outbox/intents.ts';
import { isPublished } from '../resources/package-revision.ts';
import { finishDelete } from './delete.ts';
import { finishPublish } from './finish-publish.ts';
import { branchMutex } from './mutex-names.ts';
import type { EngineParts } from './parts.ts';
import type { Target } from './target.ts';

/**
 * Finds out what became of pushes whose outcome is not known, by asking the remote, and finishes or forgets them. Those that a
 * request is working on right now are left to it. `keys`: of the states to look at, all of them if absent. Returns how many could not
 * be settled. Rejects with the signal's reason when that aborts.
 *
 * Whoever pushes holds the revision's lock until the push has ended; so the lock shows that nobody pushes. A dead process's locks are free
 * only when none of its pushes can be alive: on a data directory of one's own after its broker has started, on a shared store when the
 * process has been declared dead.
 */
export async function settleIntents(
  parts: EngineParts,
  keys: readonly ObjectKey[] = parts.intents.keys(),
  signal?: AbortSignal,
): Promise<number> {
  let left = 0;
  for (const { namespace, name } of keys) {
    signal?.throwIfAborted();
    let release: Release | undefined;
    try {
      release = await parts.revisionLocks.tryAcquire(namespace, name);
      if (release === undefined) continue;
      await settle(parts, namespace, name, signal);
    } catch (error) {
      signal?.throwIfAborted();
      left++;
      // Where the code was in the moment helps nobody whose remote cannot be asked.
      const cause = error instanceof GitError ? { reason: error.explanation } : { err: error };
      parts.logger.warn({ ...cause, namespace, name }, 'the outcome of a push cannot be found out yet');
    } finally {
      await release?.();
    }
  }
  return left;
}

/** Keys of the states of a repository's revisions with a push whose outcome is not known, or that is under way. */
export function intentsOf(parts: EngineParts, namespace: string, repository: string): readonly ObjectKey[] {
  const ofRepository = (key: ObjectKey): boolean =>
    key.namespace === namespace && parts.cache.state(namespace, key.name)?.value.repository === repository;
  return parts.intents.keys().filter(ofRepository);
}

async function settle(
  parts: EngineParts,
  namespace: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const state = parts.cache.state(namespace, name);
  const intent = state?.value.intent;
  if (state === undefined || intent === undefined) return;
  const git = await parts.repositories.open(namespace, state.value.repository);
  await parts.packageMutexes.run(branchMutex(git), () => settleWith(parts, git, state, intent, signal));
}

async function settleWith(
  parts: EngineParts,
  git: GitRepository,
  state: Read<RevisionState>,
  intent: Intent,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { namespace, name } = state.key;
  const asking = signal === undefined ? {} : { signal };
  const found = await git.mirror.lsRemote(await git.access(), asking);
  // Another server may have begun it: what it made is here only when it has been fetched.
  await ensureObjects(git, leftOf(intent, found)?.map((update) => update.new) ?? []);
  const { references } = await carryOn(git, intent, found);
  const done = isDone(intent, references);
  const read = parts.cache.packageRevision(namespace, name);
  if (!done || read === undefined) {
    await forgetIntent(parts, state, { mayComeLate: true });
    return;
  }
  const target: Target = { git, read, state };
  if (intent.type === 'publish') {
    const head = references.refs.get(branchReference(git.branch)) ?? intent.commit;
    // The next publication is built on it.
    if (!(await git.mirror.has(head))) await git.mirror.fetch(await git.access(), asking);
    await finishPublish(parts, target, read.value.metadata, intent, false, head);
  } else {
    const head = intent.decisive === branchReference(git.branch) ? intent.commit : undefined;
    await finishDelete(parts, target, { nothingLeft: isPublished(read.value.spec.lifecycle), head, dryRun: false });
  }
  parts.logger.info({ namespace, name, intent: intent.type }, 'settled a push whose outcome was not known');
}

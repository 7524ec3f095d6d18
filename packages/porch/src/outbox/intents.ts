import { type ObjectKey, type Precondition, type Store, statusErrors } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import { type Intent, putRecord, type RevisionState } from '../cache/records.ts';
import type { Read, RevisionCache } from '../cache/revision-cache.ts';
import { GitError, type GitErrorClass, type RemoteReferences } from '../git/types.ts';

/**
 * Whether the remote's references show that an intent's push succeeded. Where it makes no commit it has removed references, and all of
 * them: one of them may have been removed by somebody else.
 */
export function isDone(intent: Intent, { refs }: RemoteReferences): boolean {
  if (intent.commit === null) return intent.updates.every(({ ref }) => !refs.has(ref));
  return refs.get(intent.decisive) === intent.commit;
}

/** What carrying out an intent takes. */
export interface IntentParts {
  readonly cache: RevisionCache;
  readonly store: Store;
}

/** Failures of a push that come before the remote has changed anything. All others may have come after. */
const refusedAtOnce: ReadonlySet<GitErrorClass> = new Set(['Authentication', 'Certificate', 'HostKey', 'NotFound']);

/** The remote did not do what an intent asked for; the intent is forgotten, and this is how its references are. */
export interface NotDone {
  readonly references: RemoteReferences;
  /** What the remote said of those that it refused, by name. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Pushes all or nothing, with the intent durable before the push begins. Undefined when the push succeeded: the intent then
 * stands until the caller's write set that records the outcome replaces the state.
 * @throws GitError when the push failed and the remote says that nothing changed
 * @throws StatusError 503 when the outcome is not known; the intent stands, and is settled later
 */
export async function pushWithIntent(
  parts: IntentParts,
  git: GitRepository,
  key: ObjectKey,
  intent: Intent,
  preconditions: readonly Precondition[] = [],
): Promise<NotDone | undefined> {
  const recorded = await record(parts, key, intent, preconditions);
  let failure: GitError | undefined;
  let refused: NotDone['refused'] = new Map();
  try {
    const outcome = await git.mirror.push(await git.access(), intent.updates, { atomic: true });
    if (outcome.type === 'accepted') return undefined;
    refused = outcome.refs;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    failure = error;
  }
  if (failure !== undefined && refusedAtOnce.has(failure.errorClass)) {
    await forgetIntent(parts, recorded);
    throw failure;
  }
  const references = await ask(git, failure);
  if (isDone(intent, references)) return undefined;
  await forgetIntent(parts, recorded);
  if (failure !== undefined) throw failure;
  return { references, refused };
}

/** Removes an intent whose push did not happen. */
export async function forgetIntent(parts: IntentParts, read: Read<RevisionState>): Promise<void> {
  const { intent: _, ...cleared } = read.value;
  await parts.store.commit({ operations: [putRecord(read.key, cleared, read.revision)] });
}

async function record(
  parts: IntentParts,
  key: ObjectKey,
  intent: Intent,
  preconditions: readonly Precondition[],
): Promise<Read<RevisionState>> {
  const current = parts.cache.state(key.namespace, key.name);
  if (current === undefined) throw new Error(`the state of ${key.namespace}/${key.name} is gone`);
  const value: RevisionState = { ...current.value, intent };
  const result = await parts.store.commit({ preconditions, operations: [putRecord(key, value, current.revision)] });
  return { key, value, revision: result.changes.at(-1)?.revision ?? current.revision };
}

async function ask(git: GitRepository, failure: GitError | undefined): Promise<RemoteReferences> {
  try {
    return await git.mirror.lsRemote(await git.access());
  } catch (error) {
    throw statusErrors.serviceUnavailable(
      'it is not known whether the repository has taken the change; this is settled as soon as it can be asked: ' +
        (error instanceof Error ? error.message : String(error)),
      { cause: failure ?? error },
    );
  }
}

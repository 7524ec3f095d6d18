import { type ObjectKey, type Precondition, type Store, statusErrors } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { Intent, LatePublication, RevisionState } from '../cache/records.ts';
import { replaceState } from '../cache/replace-state.ts';
import type { Read, RevisionCache } from '../cache/revision-cache.ts';
import {
  GitError,
  type GitErrorClass,
  type ObjectId,
  type ReferenceUpdate,
  type RemoteReferences,
} from '../git/types.ts';

/**
 * Whether the remote's references show that an intent's push succeeded. Where it makes no commit it has removed references, and all of
 * them: one of them may have been removed by somebody else.
 */
export function isDone(intent: Intent, { refs }: RemoteReferences): boolean {
  if (intent.commit === null) return intent.updates.every(({ ref }) => !refs.has(ref));
  return refs.get(intent.decisive) === intent.commit;
}

/**
 * What is left to do of an intent that was carried out in part, as happens where a remote takes no atomic pushes: the first references
 * are as they should be, and all others as they were. Undefined where nothing was done, or somebody has changed one of the others.
 */
export function leftOf(intent: Intent, { refs }: RemoteReferences): readonly ReferenceUpdate[] | undefined {
  const is = (ref: string): ObjectId | null => refs.get(ref) ?? null;
  const done = intent.updates.findIndex((update) => is(update.ref) !== update.new);
  const left = intent.updates.slice(done);
  return done > 0 && left.every(({ ref, old }) => is(ref) === old) ? left : undefined;
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
 * Pushes all or nothing (where the remote takes no atomic pushes, one reference after the other), with the intent durable before the push
 * begins. Undefined when the push succeeded: the intent then stands until the caller's write set that records the outcome replaces the state.
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
  const recorded = await recordIntent(parts, key, intent, preconditions);
  const first = await attempt(git, intent.updates);
  if (first.accepted) return undefined;
  if (first.failure !== undefined && refusedAtOnce.has(first.failure.errorClass)) {
    await forgetIntent(parts, recorded);
    throw first.failure;
  }
  const { references, failure, refused } = await carryOn(git, intent, await ask(git, first.failure), first);
  if (isDone(intent, references)) return undefined;
  await forgetIntent(parts, recorded, { mayComeLate: failure !== undefined });
  if (failure !== undefined) throw failure;
  return { references, refused };
}

/** What became of a push that was not accepted as a whole. */
interface Attempt {
  readonly accepted: boolean;
  readonly failure: GitError | undefined;
  readonly refused: NotDone['refused'];
}

async function attempt(git: GitRepository, updates: readonly ReferenceUpdate[]): Promise<Attempt> {
  try {
    const outcome = await git.mirror.push(await git.access(), updates, { atomic: true });
    const accepted = outcome.type === 'accepted';
    return { accepted, failure: undefined, refused: accepted ? new Map() : outcome.refs };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return { accepted: false, failure: error, refused: new Map() };
  }
}

/** How far an intent has come, and what stopped the last push for it. */
interface Progress extends NotDone {
  readonly failure: GitError | undefined;
}

/**
 * Pushes what is left of an intent that was carried out in part, for as long as that gets on. The mirror has the objects.
 * @throws StatusError 503 when the remote cannot be asked how far it got
 */
export async function carryOn(
  git: GitRepository,
  intent: Intent,
  references: RemoteReferences,
  last?: Pick<Attempt, 'failure' | 'refused'>,
): Promise<Progress> {
  let progress: Progress = { references, failure: last?.failure, refused: last?.refused ?? new Map() };
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const left = leftOf(intent, progress.references);
    if (left === undefined || left.length >= before) return progress;
    before = left.length;
    const { failure, refused } = await attempt(git, left);
    try {
      progress = { references: await ask(git, failure), failure, refused };
    } catch (error) {
      if (isDone(intent, progress.references)) return progress;
      throw error;
    }
  }
}

/** Late publications that are remembered of one revision. */
const mostLate = 16;

/**
 * Removes an intent whose push did not happen. `mayComeLate`: nobody has seen the answer, and the remote may go on with what it was sent, as
 * when a proxy between gave up waiting for it.
 */
export async function forgetIntent(
  parts: IntentParts,
  read: Read<RevisionState>,
  options: { readonly mayComeLate?: boolean } = {},
): Promise<void> {
  const { intent, ...cleared } = read.value;
  const late = options.mayComeLate === true ? publicationOf(parts, read) : undefined;
  if (late === undefined) await replaceState(parts.store, read, cleared);
  else {
    const latePublications = [late, ...(cleared.latePublications ?? [])].slice(0, mostLate);
    await replaceState(parts.store, read, { ...cleared, latePublications });
  }
}

function publicationOf(
  { cache }: IntentParts,
  { key: { namespace, name }, value: { intent } }: Read<RevisionState>,
): LatePublication | undefined {
  const content = cache.packageRevision(namespace, name)?.content ?? null;
  return intent?.type === 'publish' && content !== null ? { commit: intent.commit, content } : undefined;
}

/** Makes an intent durable. */
export async function recordIntent(
  parts: IntentParts,
  key: ObjectKey,
  intent: Intent,
  preconditions: readonly Precondition[],
): Promise<Read<RevisionState>> {
  const current = parts.cache.state(key.namespace, key.name);
  if (current === undefined) throw new Error(`the state of ${key.namespace}/${key.name} is gone`);
  return replaceState(parts.store, current, { ...current.value, intent }, preconditions);
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

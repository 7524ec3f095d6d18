import type { Precondition, RequestContext } from '@porch/apiserver';
import type { DeleteIntent } from '../cache/records.ts';
import { commitAuthor, committer, removalCommitMessage } from '../git/annotation.ts';
import { branchReference, parseReference } from '../git/layout.ts';
import type { ObjectId } from '../git/types.ts';
import { pushWithIntent } from '../outbox/intents.ts';
import { lifecycleReferences } from '../outbox/wanted-references.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { branchHead } from './branch-head.ts';
import { type BranchTurn, referencesAfter } from './branch-turn.ts';
import { conflict } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { mayBeMadeAgain, mostMoves, movedReferences, pushRefused } from './push-refused.ts';
import type { Target } from './target.ts';

/**
 * Removes the branch that proposes a deletion which is rejected: the next synchronisation would find it proposed again.
 * @throws StatusError 409 when somebody else has changed it; GitError when the remote refuses
 */
export async function withdrawProposal(
  parts: EngineParts,
  { git, state, read }: Target,
  { signal }: RequestContext,
): Promise<void> {
  const intent = removalOf(lifecycleReferences(state.value.refs));
  if (intent.updates.length === 0) return;
  for (let times = 1; ; times++) {
    const notDone = await pushWithIntent(parts, git, state.key, intent);
    if (notDone === undefined) return;
    const moved = movedReferences(intent, notDone);
    if (moved.length > 0) throw changedByOthers(read.key.name, moved);
    if (!(await mayBeMadeAgain(notDone, times, signal))) throw pushRefused(intent, notDone);
  }
}

/** What a removal from Git goes by. */
export interface Removal {
  /** The revision as its deletion wants it. */
  readonly object: PackageRevision;
  readonly turn: BranchTurn;
  /** What must hold when an intent is stored. @throws StatusError where it does not */
  readonly checkUnused: () => readonly Precondition[];
}

/**
 * Removes a published revision's tag, or what a placeholder shows from the branch, with an intent as publishing does. Returns
 * the branch's new head where it has moved.
 * @throws StatusError 409 when somebody else has changed what is to be removed; GitError when the remote refuses
 */
export async function removeFromGit(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  { object, turn, checkUnused }: Removal,
): Promise<ObjectId | undefined> {
  const { git, state } = target;
  // A tag may be named after the branch, too.
  const isTagged = Object.keys(state.value.refs).some(isTag);
  const onBranch = !isTagged && (object.spec.revision ?? 0) < 0 && object.spec.workspaceName === git.branch;
  let head = onBranch ? await branchHead(parts, git) : null;
  let { refs } = state.value;
  let moves = 0;
  let locked = 0;
  for (;;) {
    const intent = onBranch ? await removalFromBranch(parts, context, target, head) : removalOf(Object.entries(refs));
    if (intent.updates.length === 0) return undefined;
    const notDone = await pushWithIntent(parts, git, state.key, intent, checkUnused());
    if (notDone === undefined) return intent.commit ?? undefined;
    const moved = movedReferences(intent, notDone);
    if (moved.length === 0) {
      if (await mayBeMadeAgain(notDone, ++locked, context.signal)) continue;
      throw pushRefused(intent, notDone);
    }
    const there = notDone.references.refs;
    if (!onBranch && isTag(intent.decisive) && !there.has(intent.decisive)) {
      // Somebody else has removed the tag: what proposes its deletion is left.
      refs = Object.fromEntries(Object.entries(refs).filter(([ref]) => there.has(ref)));
      continue;
    }
    if (!onBranch || ++moves >= mostMoves) {
      throw changedByOthers(target.read.key.name, moved);
    }
    const now = await referencesAfter(git, notDone, turn);
    head = now.refs.get(branchReference(git.branch)) ?? null;
  }
}

function changedByOthers(name: string, moved: readonly { readonly ref: string }[]): Error {
  const what = moved.map(({ ref }) => ref).join(', ');
  return conflict(
    name,
    `${what} was changed in Git by someone else; read the revision again after the next synchronisation`,
  );
}

/** References of a revision, and where they are. */
type References = readonly (readonly [ref: string, id: ObjectId])[];

function isTag(ref: string): boolean {
  return parseReference(ref)?.type === 'tag';
}

function removalOf(refs: References): DeleteIntent {
  const updates = refs.map(([ref, old]) => ({ ref, old, new: null }));
  const decisive = (updates.find(({ ref }) => isTag(ref)) ?? updates[0])?.ref ?? '';
  return { type: 'delete', updates, decisive, commit: null };
}

async function removalFromBranch(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  head: ObjectId | null,
): Promise<DeleteIntent> {
  const { git, state } = target;
  const { path } = state.value;
  const branches = removalOf(lifecycleReferences(state.value.refs));
  if (head === null || (await git.mirror.entryAt(head, path)) === undefined) return branches;
  const time = parts.clock();
  const [commit] = await git.mirror.writeCommits([
    {
      parents: [head],
      changes: [{ path, content: null }],
      message: removalCommitMessage(path),
      author: { ...commitAuthor(git.object.spec.git, context.user), time },
      committer: { ...committer, time },
    },
  ]);
  if (commit === undefined) throw new Error('Git returned no commit');
  const branch = branchReference(git.branch);
  return {
    type: 'delete',
    updates: [{ ref: branch, old: head, new: commit }, ...branches.updates],
    decisive: branch,
    commit,
  };
}

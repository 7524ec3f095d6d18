import { type RequestContext, type ServedObject, StatusError, toTime, type WriteResult } from '@porch/apiserver';
import type { PublishIntent, RevisionState } from '../cache/records.ts';
import { approvalCommitMessage, commitAuthor, committer } from '../git/annotation.ts';
import { branchReference, isLifecycleReference, revisionsOfTags, tagReference } from '../git/layout.ts';
import { GitError, type NewCommit, type ObjectId } from '../git/types.ts';
import { draftCommits, withLastVersionOnly } from '../outbox/draft-commits.ts';
import { ensureObjects } from '../outbox/ensure-objects.ts';
import { type NotDone, pushWithIntent, recordIntent } from '../outbox/intents.ts';
import { settlePush } from '../outbox/settle-push.ts';
import { lifecycleReferences } from '../outbox/wanted-references.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { branchHead } from './branch-head.ts';
import { type BranchTurn, referencesAfter, takeBranchTurn } from './branch-turn.ts';
import { conflict, disputed, refused } from './errors.ts';
import { finishPublish } from './finish-publish.ts';
import { latePublication } from './late-publication.ts';
import { serialMutex } from './mutex-names.ts';
import type { EngineParts } from './parts.ts';
import { checkPlaceOnBranch } from './place-on-branch.ts';
import { branchGone, mayBeMadeAgain, mostMoves, movedReferences, pushRefused, wasDeclined } from './push-refused.ts';
import type { Target } from './target.ts';

/**
 * Publishes a proposal: one commit on the head of the branch, one push of branch, tag and the draft's branch, each with a lease, atomic
 * where the remote can do that. The intent is durable before the push begins, so the outcome can be found out after a crash.
 */
export async function publish(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  wanted: PackageRevision,
  options: { readonly dryRun: boolean },
): Promise<WriteResult> {
  const { namespace, name } = target.read.key;
  const { git } = target;
  if (target.read.value.metadata.deletionTimestamp !== undefined) {
    throw refused(name, 'it is being deleted, and waits for its finalizers only; it cannot be published any more');
  }
  const place = { namespace, repository: git.name, packageName: wanted.spec.packageName ?? '' };
  return parts.packageMutexes.run(serialMutex(place), () =>
    parts.queue.hold(namespace, git.name, name, async () => {
      const state = await settlePush(parts, git, name);
      if (state === undefined) throw conflict(name, 'it is being deleted');
      if (state.value.conflict !== undefined) throw disputed(name, state.value.conflict);
      const publication = new Publication(parts, context, { ...target, state }, wanted);
      if (options.dryRun) return { object: await publication.rehearse(), created: false };
      const object = await takeBranchTurn(parts, git, context.signal, (turn) => publication.run(turn));
      return { object, created: false };
    }),
  );
}

class Publication {
  readonly #parts: EngineParts;
  readonly #context: RequestContext;
  readonly #target: Target;
  readonly #wanted: PackageRevision;
  /** What the draft was in between stays out of Git, as far as it is not there yet. */
  #lastVersionOnly = false;
  /** How often the branch has moved, and how often references were locked. */
  #moves = 0;
  #locked = 0;

  constructor(parts: EngineParts, context: RequestContext, target: Target, wanted: PackageRevision) {
    this.#parts = parts;
    this.#context = context;
    this.#target = target;
    this.#wanted = wanted;
  }

  /** What the object would be; nothing is written or pushed. */
  async rehearse(): Promise<ServedObject> {
    await this.#head();
    const intent = this.#intent(this.#nextRevision([]), '0'.repeat(40), null, this.#parts.clock());
    return finishPublish(this.#parts, this.#target, this.#wanted.metadata, intent, true);
  }

  async run(turn: BranchTurn): Promise<ServedObject> {
    const { git } = this.#target;
    let head = await this.#head();
    let taken: readonly number[] = [];
    for (;;) {
      this.#context.signal.throwIfAborted();
      const revision = this.#nextRevision(taken);
      const time = this.#parts.clock();
      const commit = await this.#writeCommits(head, revision, time);
      const intent = this.#intent(revision, commit, head, time);
      const notDone = await this.#push(intent);
      if (notDone === undefined) {
        return finishPublish(this.#parts, this.#target, this.#wanted.metadata, intent, false);
      }
      if (notDone === 'unwanted') continue;
      const late = latePublication(this.#target, notDone.references);
      if (late !== undefined) return this.#takeOver({ ...intent, ...late }, notDone, turn);
      await this.#explain(intent, notDone);
      const { refs } = await referencesAfter(git, notDone, turn);
      head = refs.get(branchReference(git.branch)) ?? null;
      await this.#checkPlace(head);
      taken = revisionsOfTags(refs.keys(), this.#target.state.value.path);
    }
  }

  /** Records an earlier approval as the one that was asked for. */
  async #takeOver(late: PublishIntent, notDone: NotDone, turn: BranchTurn): Promise<ServedObject> {
    const { git, state, read } = this.#target;
    const { refs } = await referencesAfter(git, notDone, turn);
    const intent = { ...late, updates: [{ ref: late.decisive, old: null, new: late.commit }] };
    await recordIntent(this.#parts, state.key, intent, [{ key: read.key, revision: read.revision }]);
    const head = refs.get(branchReference(git.branch)) ?? late.commit;
    return finishPublish(this.#parts, this.#target, this.#wanted.metadata, intent, false, head);
  }

  /**
   * Undefined when the push succeeded. `unwanted`: the remote does not want what it was sent. That may be an earlier version of the draft,
   * which the next attempt leaves out.
   */
  async #push(intent: PublishIntent): Promise<NotDone | 'unwanted' | undefined> {
    const { git, state, read } = this.#target;
    const hasVersions = !this.#lastVersionOnly && state.value.pending.length > 1;
    const unchanged = [{ key: read.key, revision: read.revision }];
    try {
      const notDone = await pushWithIntent(this.#parts, git, state.key, intent, unchanged);
      if (notDone === undefined || !hasVersions || !wasDeclined(intent, notDone)) return notDone;
    } catch (error) {
      if (!hasVersions || !(error instanceof GitError) || error.errorClass !== 'TooLarge') throw error;
    }
    this.#lastVersionOnly = true;
    return 'unwanted';
  }

  /**
   * The head of the branch to begin with, on which the package has its place; null where there has not been one yet. What stands in its
   * place on the head that is known may have been removed since.
   */
  async #head(): Promise<ObjectId | null> {
    const { git, read } = this.#target;
    const known = this.#parts.cache.repositoryState(git.namespace, git.name)?.value.head ?? null;
    let head = await branchHead(this.#parts, git);
    try {
      await this.#checkPlace(head);
    } catch (refusal) {
      if (!(refusal instanceof StatusError)) throw refusal;
      const { refs } = await git.mirror.lsRemote(await git.access());
      const now = refs.get(branchReference(git.branch)) ?? null;
      if (now === head) throw refusal;
      head = now;
      await this.#checkPlace(head);
    }
    if (known !== null && head === null) throw branchGone(read.key.name, git.branch);
    return head;
  }

  async #checkPlace(head: ObjectId | null): Promise<void> {
    const { git, state } = this.#target;
    if (head === null) return;
    await ensureObjects(git, [head]);
    await checkPlaceOnBranch(git, head, state.value.path);
  }

  #nextRevision(taken: readonly number[]): number {
    const { namespace } = this.#target.read.key;
    const { repository = '', packageName = '' } = this.#wanted.spec;
    const known = this.#parts.cache.revisionsOfPackage(namespace, repository, packageName).map((r) => r.revision);
    return Math.max(0, ...known, ...taken) + 1;
  }

  #intent(revision: number, commit: ObjectId, head: ObjectId | null, time: Date): PublishIntent {
    const { git, state } = this.#target;
    const tag = tagReference(state.value.path, revision);
    const drafts = lifecycleReferences(state.value.refs);
    return {
      type: 'publish',
      decisive: tag,
      commit,
      revision,
      publishedBy: this.#context.user.name,
      time: toTime(time),
      updates: [
        { ref: branchReference(git.branch), old: head, new: commit },
        { ref: tag, old: null, new: commit },
        ...drafts.map(([ref, old]) => ({ ref, old, new: null })),
      ],
    };
  }

  async #writeCommits(head: ObjectId | null, revision: number, time: Date): Promise<ObjectId> {
    const { git, state, read } = this.#target;
    const { path, tip } = state.value;
    const workspaceName = this.#wanted.spec.workspaceName ?? '';
    await ensureObjects(git, [head, tip, state.value.base]);
    const rooted = await this.#rooted(head);
    const draftState = this.#lastVersionOnly ? withLastVersionOnly(rooted) : rooted;
    const drafts = await draftCommits(this.#parts.contents, git, draftState, workspaceName, 0);
    const draft = drafts.length > 0 ? { index: drafts.length - 1 } : tip;
    if (draft === null) throw new Error(`${read.key.name} has neither commits nor changes`);
    const tree = typeof draft === 'string' ? (await git.mirror.entryAt(draft, path))?.id : undefined;
    const content =
      tree === undefined
        ? { files: await this.#parts.contents.read(git.namespace, git.name, read.content ?? '', this.#context.signal) }
        : { tree };
    const approval: NewCommit = {
      parents: head === null ? [draft] : [head, draft],
      changes: [{ path, content }],
      message: approvalCommitMessage({ path, workspaceName, revision }),
      author: { ...commitAuthor(git.object.spec.git, this.#context.user), time },
      committer: { ...committer, time },
    };
    const commit = (await git.mirror.writeCommits([...drafts, approval])).at(-1);
    if (commit === undefined) throw new Error('Git returned no commit');
    return commit;
  }

  /**
   * The draft's state, with the head in the place of what its first commit was to stand on where that has left the branch: a history that
   * was rewritten would come back with it.
   */
  async #rooted(head: ObjectId | null): Promise<RevisionState> {
    const { git, state } = this.#target;
    const { tip, base } = state.value;
    if (tip !== null || base === null || head === null || base === head) return state.value;
    let hasLeft = false;
    await git.mirror.history([base], [head], () => {
      hasLeft = true;
    });
    return hasLeft ? { ...state.value, base: head } : state.value;
  }

  /** Throws unless a rebuilt push can succeed; where references were locked, resolves when it is worth trying. */
  async #explain(intent: PublishIntent, notDone: NotDone): Promise<void> {
    const { name } = this.#target.read.key;
    const { git } = this.#target;
    const moved = movedReferences(intent, notDone);
    const draft = moved.find((update) => isLifecycleReference(update.ref));
    if (draft !== undefined) {
      throw conflict(
        name,
        `its branch ${draft.ref} was changed in Git by someone else; read the revision again after the next synchronisation`,
      );
    }
    if (moved.length === 0) {
      if (await mayBeMadeAgain(notDone, ++this.#locked, this.#context.signal)) return;
      throw pushRefused(intent, notDone);
    }
    const branch = branchReference(git.branch);
    const hadBranch = moved.some(({ ref, old }) => ref === branch && old !== null);
    if (hadBranch && !notDone.references.refs.has(branch)) throw branchGone(name, git.branch);
    if (++this.#moves >= mostMoves) {
      throw conflict(name, `branch ${git.branch} kept moving during ${mostMoves} attempts; try again`);
    }
  }
}

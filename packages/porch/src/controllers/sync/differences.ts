import { isBeingDeleted, type ObjectKey, type ServedObject, turns } from '@porch/apiserver';
import { treeOfReference } from '../../cache/content-store.ts';
import type { GitRepository } from '../../cache/git-repositories.ts';
import { type LatePublication, type RevisionState, sameReferences } from '../../cache/records.ts';
import { type Read, type RevisionCache, summaryOf } from '../../cache/revision-cache.ts';
import type { DiscoveredRevision, SkippedReference } from '../../git/discovery-types.ts';
import { isLifecycleReference } from '../../git/layout.ts';
import type { ObjectId } from '../../git/types.ts';
import { needsMirroring, type PushDrafts } from '../../outbox/wanted-references.ts';
import type { DraftResolution } from '../../resources/draft-resolution.ts';
import { packageRevisions } from '../../resources/group.ts';
import { packageRevisionName } from '../../resources/names.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { publicationTime } from './discovered-object.ts';
import { branchesBesideListed, ownBranches, withBranches } from './own-branches.ts';
import { branchesWithoutPackage, inTheWay } from './without-package.ts';

/** As it stands before the time in the JSON of a package revision. */
const timeKey = '"publishTimestamp":';

/** What is to be done about one package revision so that the API shows what Git has. */
export type Difference =
  | {
      readonly type: 'add' | 'change';
      readonly name: string;
      readonly packageName: string;
      readonly found: DiscoveredRevision;
    }
  /** `decided`: somebody has said so of a draft that has changes which Git never had. */
  | { readonly type: 'remove'; readonly name: string; readonly packageName: string; readonly decided?: true }
  /** The branch is gone, but there are changes that Git never had: it is made again. */
  | { readonly type: 'forget-references'; readonly name: string; readonly packageName: string }
  /** Git is as it was before somebody changed it: the two sides no longer differ but by what is on its way. */
  | { readonly type: 'end-conflict'; readonly name: string; readonly packageName: string }
  /** Somebody has decided between the two sides of a draft. */
  | {
      readonly type: 'keep-ours';
      readonly name: string;
      readonly packageName: string;
      readonly found: Pick<DiscoveredRevision, 'refs' | 'commit'>;
    }
  | {
      readonly type: 'take-theirs';
      readonly name: string;
      readonly packageName: string;
      readonly found: DiscoveredRevision;
    }
  /** There was nothing to decide, or no more. */
  | { readonly type: 'forget-decision'; readonly name: string; readonly packageName: string }
  /** The Repository has become one of deployments, or has ceased to be one. */
  | { readonly type: 'deployment'; readonly name: string; readonly packageName: string; readonly deployment: boolean }
  /** A push of ours has come later than its answer was waited for, or somebody else has done in Git what was still to be done. */
  | {
      readonly type: 'late-push' | 'late-push-of-deleted';
      readonly name: string;
      readonly packageName: string;
      readonly found: DiscoveredRevision;
    }
  /** Changed here and in Git; ours stays. */
  | { readonly type: 'conflict'; readonly name: string; readonly packageName: string; readonly commit: ObjectId };

/** How the store and Git differ. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** Revisions that were written since the references were read; their turn comes next time. */
  readonly left: number;
  /** Revisions of the repository that the API has now. */
  readonly total: number;
}

/** What is compared. */
export interface ComparisonInput {
  readonly cache: RevisionCache;
  readonly git: GitRepository;
  readonly found: readonly DiscoveredRevision[];
  /** References that are no revision of their own. */
  readonly skipped: readonly SkippedReference[];
  /** Revision of the store before the references were read. */
  readonly asOf: number;
  readonly mode: PushDrafts;
  /** What has been decided of drafts that both sides have changed, by name of the package revision. */
  readonly decisions: ReadonlyMap<string, DraftResolution>;
  /** Whether a commit is in the history of the branch. */
  isOnBranch(commit: ObjectId): Promise<boolean>;
  /** Whether a commit that a reference names is another such commit, or in its history. */
  isIn(ancestor: ObjectId, commit: ObjectId): Promise<boolean>;
}

/** Compares what Git has with what the API shows, revision by revision. */
export async function compare(input: ComparisonInput): Promise<Comparison> {
  const { cache, git } = input;
  // What changes from here on is newer than `asOf`, and found to be when the differences are applied.
  const served = await byName(cache.eachRevisionOfRepository(git.namespace, git.name));
  const states = await byName(cache.eachStateOfRepository(git.namespace, git.name));
  const branches = branchesBesideListed(git, input.skipped);
  const withoutPackage = branchesWithoutPackage(input.skipped);
  const differences: Difference[] = [];
  const seen = new Set<string>();
  const undecided = new Set(input.decisions.keys());
  let left = 0;
  for (const found of input.found) {
    if (turns.over) await turns.next();
    const name = packageRevisionName({
      repository: git.name,
      packageName: found.packageName,
      workspaceName: found.workspaceName,
    });
    seen.add(name);
    const object = served.get(name);
    const state = states.get(name);
    const base = { name, packageName: found.packageName };
    if (isBusy(object, state, input.asOf)) {
      left++;
      undecided.delete(name);
    } else if (object === undefined) {
      const type = isOfDeleted(input, name, found) ? 'late-push-of-deleted' : 'add';
      if (state === undefined) differences.push({ ...base, type, found });
      // What nobody waits for is cleaned up, and then no longer in the way.
      else if (state.value.deleted !== true) left++;
    } else if (state === undefined) differences.push({ ...base, type: 'change', found });
    else {
      const beside = branches.get(name);
      const own = beside === undefined ? {} : await ownBranches(git, state.value, found, beside);
      const whole = withBranches(found, own);
      const type = await compareOne(input, object, state.value, found, Object.values(own));
      if (type === 'change' || type === 'keep-ours' || type === 'take-theirs') {
        // What somebody has left beside their draft is not for us to remove, unless a person says so.
        const taken = type === 'change' && found.revision === 0 ? found : whole;
        differences.push({ ...base, type, found: taken });
        undecided.delete(name);
      }
      if (type === 'late-push' || (type === 'same' && whole !== found && state.value.conflict === undefined)) {
        differences.push({ ...base, type: 'late-push', found: whole });
      }
      if (type === 'conflict') differences.push({ ...base, type, commit: found.commit });
      if (type === 'end-conflict') differences.push({ ...base, type });
    }
  }
  for (const [name, object] of served) {
    if (turns.over) await turns.next();
    if (seen.has(name)) continue;
    const state = states.get(name);
    if (isBusy(object, state, input.asOf)) {
      left++;
      undecided.delete(name);
      continue;
    }
    const difference = compareMissing(input, object, state?.value, withoutPackage);
    if (difference === undefined) continue;
    differences.push(difference);
    if (difference.type === 'keep-ours') undecided.delete(name);
  }
  const gone = new Set(differences.filter(({ type }) => type === 'remove').map(({ name }) => name));
  for (const name of undecided) {
    const packageName = served.get(name)?.fields['spec.packageName'];
    if (packageName === undefined || gone.has(name)) continue;
    differences.push({ type: 'forget-decision', name, packageName });
  }
  return { differences, left, total: served.size };
}

async function byName<T extends { readonly key: ObjectKey }>(all: Iterable<T>): Promise<Map<string, T>> {
  const named = new Map<string, T>();
  for (const one of all) {
    if (turns.over) await turns.next();
    named.set(one.key.name, one);
  }
  return named;
}

function isUnpublished(object: ServedObject): boolean {
  const lifecycle = object.fields['spec.lifecycle'];
  return lifecycle === 'Draft' || lifecycle === 'Proposed';
}

/** Whether a draft that was deleted has a branch again because a push of ours has come only now. */
function isOfDeleted({ cache, git }: ComparisonInput, name: string, found: DiscoveredRevision): boolean {
  const ours = cache.tombstone(packageRevisions, git.namespace, name)?.unanswered;
  return ours?.includes(found.commit) === true && Object.keys(found.refs).every(isLifecycleReference);
}

function isBusy(object: ServedObject | undefined, state: Read<RevisionState> | undefined, asOf: number): boolean {
  if (state?.value.intent !== undefined || state?.value.pushing !== undefined) return true;
  return (object?.revision ?? 0) > asOf || (state?.revision ?? 0) > asOf;
}

/** What is to become of a package revision that is not found in Git; undefined where it stays as it is. */
function compareMissing(
  input: ComparisonInput,
  object: ServedObject,
  state: RevisionState | undefined,
  withoutPackage: ReadonlyMap<string, ObjectId>,
): Difference | undefined {
  if (isBeingDeleted(object)) return undefined;
  const base = { name: object.key.name, packageName: object.fields['spec.packageName'] ?? '' };
  if (state === undefined) return { ...base, type: 'remove' };
  const isOurs = isUnpublished(object) && hasOwnChanges(input, object, state);
  const other = isOurs ? inTheWay(object, state, withoutPackage) : undefined;
  if (other !== undefined) {
    const { ref, commit } = other;
    const decision = input.decisions.get(base.name);
    if (decision === 'ours') return { ...base, type: 'keep-ours', found: { refs: { [ref]: commit }, commit } };
    if (decision === 'theirs') return { ...base, type: 'remove', decided: true };
    return state.conflict === commit ? undefined : { ...base, type: 'conflict', commit };
  }
  if (isUnpublished(object) && Object.keys(state.refs).length === 0) {
    // Somebody had a branch of its name in Git before it was there, and has removed that.
    return state.conflict === undefined ? undefined : { ...base, type: 'end-conflict' };
  }
  return { ...base, type: isOurs ? 'forget-references' : 'remove' };
}

async function compareOne(
  input: ComparisonInput,
  object: ServedObject,
  state: RevisionState,
  found: DiscoveredRevision,
  own: readonly ObjectId[],
): Promise<'same' | 'change' | 'conflict' | 'end-conflict' | 'late-push' | 'keep-ours' | 'take-theirs'> {
  const same =
    sameReferences(state.refs, found.refs) &&
    (found.revision >= 0 || (await samePlaceholder(input, object, state, found)));
  if (same) return state.conflict === undefined ? 'same' : 'end-conflict';
  if (!isUnpublished(object)) return 'change';
  if (isLatePublication(object, state, found)) return 'take-theirs';
  if (!hasOwnChanges(input, object, state) && !(await isApart(input, found, own))) return 'change';
  if (state.unanswered?.includes(found.commit) === true || isAsHere(object, state, found)) return 'late-push';
  if (await isPublicationOf(input, state, found)) return 'change';
  const decision = input.decisions.get(object.key.name);
  // What has been published has the name from then on: nothing of ours could go on top of it.
  if (decision === 'ours' && found.revision === 0) return 'keep-ours';
  if (decision === 'theirs') return 'take-theirs';
  return state.conflict === found.commit ? 'same' : 'conflict';
}

/** Whether Git has a draft twice: as it is here, and as somebody else has made it without that. */
async function isApart(
  { isIn }: ComparisonInput,
  found: DiscoveredRevision,
  own: readonly ObjectId[],
): Promise<boolean> {
  if (found.revision !== 0) return false;
  for (const commit of own) if (!(await isIn(commit, found.commit))) return true;
  return false;
}

/** Whether Git has a draft, or a proposal, just as it is here, whoever has brought it there. */
function isAsHere(object: ServedObject, { pending, tip }: RevisionState, found: DiscoveredRevision): boolean {
  const { lifecycle } = summaryOf(object);
  return pending.length === 0 && tip === found.commit && found.revision === 0 && found.lifecycle === lifecycle;
}

/** Whether what was found is an approval of what is here that was found not done. */
function isLatePublication(
  object: ServedObject,
  state: RevisionState,
  { revision, commit }: DiscoveredRevision,
): boolean {
  const isLate = (late: LatePublication) => late.commit === commit && late.content === object.content;
  return revision > 0 && state.latePublications?.some(isLate) === true;
}

/** Whether what was found is a draft as it is here, published: all that differs is how far it was thought to be. */
async function isPublicationOf(
  { git }: ComparisonInput,
  { pending, tip }: RevisionState,
  { revision, commit }: DiscoveredRevision,
): Promise<boolean> {
  if (revision <= 0 || pending.length > 0 || tip === null) return false;
  return (await git.mirror.commit(commit)).parents.includes(tip);
}

/** Whether the server has changes of a draft that Git does not have, whatever keeps them from getting there. */
function hasOwnChanges(input: ComparisonInput, object: ServedObject, state: RevisionState): boolean {
  const { conflict: _, ...undisputed } = state;
  return state.pending.length > 0 || needsMirroring(undisputed, summaryOf(object), input.mode);
}

/** Whether a placeholder says when its package was published last, as the branch does. */
function samePublication(object: ServedObject, found: DiscoveredRevision): boolean {
  const time = publicationTime(found);
  // There are many, and nearly all of them are as their text says; only a label or an annotation may be called the same.
  const seems = time === undefined ? !object.bytes.includes(timeKey) : object.bytes.includes(`${timeKey}"${time}"`);
  return seems || object.decode<PackageRevision>().status.publishTimestamp === time;
}

/**
 * Whether a placeholder's package is the same as on the branch; commits elsewhere in the repository do not count. Its commit must not have
 * left the branch: where history was rewritten, what is made of the commit would bring the old one back.
 */
async function samePlaceholder(
  { git, isOnBranch }: ComparisonInput,
  object: ServedObject,
  state: RevisionState,
  found: DiscoveredRevision,
): Promise<boolean> {
  const { tip, path } = state;
  if (!samePublication(object, found)) return false;
  if (tip === found.commit) return true;
  const tree = treeOfReference(object.content ?? '');
  if (tree !== undefined && tree !== found.tree) return false;
  if (tip === null || !(await isOnBranch(tip))) return false;
  return tree !== undefined || (await git.mirror.entryAt(tip, path))?.id === found.tree;
}

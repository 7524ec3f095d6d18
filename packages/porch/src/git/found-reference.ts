import { turns } from '@porch/apiserver';
import { kptfileName } from '@porch/kpt';
import { packageNameProblem, workspaceNameProblem } from '../resources/api-name.ts';
import { type CommitAnnotation, readAnnotations, workspaceOf } from './annotation.ts';
import { kptfileOf } from './branch-packages.ts';
import type { PackageFacts, ReferenceFacts } from './discovery-memory.ts';
import type { DiscoveredRevision, DiscoveryOptions, SkippedReference } from './discovery-types.ts';
import { branchReference, type PackageReference, parseReference, pathBelow, revisionOfTag } from './layout.ts';
import { type CommitInfo, GitError, type Mirror, type ObjectId, type PlacedTree } from './types.ts';
import type { Writable } from './writable.ts';

/** A tag or branch that may be a package revision of a Repository. */
export interface Candidate {
  readonly ref: string;
  /** What the reference names on the remote. */
  readonly id: ObjectId;
  /** The commit; differs from `id` for annotated tags. */
  readonly commit: ObjectId;
  readonly place: PackageReference;
  readonly packageName: string;
}

/** Whether a reference may be a package revision: undefined for those that have nothing to do with the Repository. */
export function candidateOf(
  ref: string,
  id: ObjectId,
  commit: ObjectId,
  directory: string | undefined,
): Candidate | SkippedReference | undefined {
  const place = parseReference(ref);
  if (place === undefined || place.type === 'deletionProposed') return undefined;
  const packageName = pathBelow(directory, place.path);
  if (packageName === undefined) return undefined;
  const reason = packageNameProblem(packageName) ?? workspaceProblem(place);
  return reason === undefined ? { ref, id, commit, place, packageName } : { ref, id, kind: 'name', reason };
}

/** The tags and branches of a remote that may be package revisions, but for the branch that is tracked. */
export async function candidatesOf({
  references: { refs, peeled },
  branch,
  directory,
}: Pick<DiscoveryOptions, 'references' | 'branch' | 'directory'>): Promise<readonly (Candidate | SkippedReference)[]> {
  const tracked = branchReference(branch);
  const candidates: (Candidate | SkippedReference)[] = [];
  for (const [ref, id] of refs) {
    if (turns.over) await turns.next();
    if (ref === tracked) continue;
    const candidate = candidateOf(ref, id, peeled.get(ref) ?? id, directory);
    if (candidate !== undefined) candidates.push(candidate);
  }
  return candidates;
}

function workspaceProblem(place: PackageReference): string | undefined {
  const fromMessage = place.type === 'tag' && revisionOfTag(place.name) > 0;
  return fromMessage ? undefined : workspaceNameProblem(place.name);
}

/** Something that cannot be what it should be, whenever it is read again. */
interface Unreadable {
  /** In words for a person. */
  readonly reason: string;
}

/** What matters of a commit that candidates name. */
export interface NamedCommit extends Pick<CommitInfo, 'id' | 'author'> {
  /** Those of their packages. */
  readonly annotations: readonly PackageAnnotation[];
}

/** An annotation without its task, which may be anything. */
type PackageAnnotation = Omit<CommitAnnotation, 'task'>;

/** What became of reading a commit; undefined when it is not in the mirror. */
export type ReadCommit = NamedCommit | Unreadable | undefined;

/**
 * The package's tree of each candidate, in order, with its Kptfile; undefined where there is none. `treeOf`: the trees of commits, as far as
 * they are known.
 * @throws GitError
 */
export function treesOf(
  mirror: Mirror,
  candidates: readonly Candidate[],
  treeOf: (commit: ObjectId) => ObjectId | undefined = () => undefined,
): Promise<readonly (PlacedTree | GitError | undefined)[]> {
  return mirror.treesAt(
    // Git need not read the commit, where its tree is known.
    candidates.map(({ commit, place }) => ({ treeish: treeOf(commit) ?? commit, path: place.path })),
    kptfileName,
  );
}

/** The Kptfile of a package's tree that was looked up by its name. */
export function kptfileIn({ entry }: PlacedTree): ObjectId | undefined {
  return entry === undefined ? undefined : kptfileOf([entry]);
}

/** What stays as it is however often it is read. */
const unreadable: ReadonlySet<string> = new Set(['NotFound', 'TooLarge', 'Other']);

/** The annotations of a commit that are about the packages of the candidates that name it. */
export function annotationsOf(
  candidates: readonly Candidate[],
  annotations: readonly CommitAnnotation[],
): readonly PackageAnnotation[] {
  const own = annotations.filter(({ path }) => candidates.some(({ place }) => place.path === path));
  return own.map(withoutTask);
}

function withoutTask({ path, workspaceName, revision }: CommitAnnotation): PackageAnnotation {
  const annotation: Writable<PackageAnnotation> = { path };
  if (workspaceName !== undefined) annotation.workspaceName = workspaceName;
  if (revision !== undefined) annotation.revision = revision;
  return annotation;
}

/** A commit that candidates name. @throws GitError when Git cannot be asked */
export async function readCommit(mirror: Mirror, id: ObjectId, candidates: readonly Candidate[]): Promise<ReadCommit> {
  try {
    const { id: own, author, message } = await mirror.commit(id);
    return { id: own, author, annotations: annotationsOf(candidates, readAnnotations(message)) };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.errorClass === 'NotFound' && !(await mirror.has(id))) return undefined;
    if (unreadable.has(error.errorClass)) return { reason: error.message };
    throw error;
  }
}

/** What a reference names, given its commit and its package's tree. The tasks are left out. Undefined where the commit is. */
export function factsOfCandidate(
  candidate: Candidate,
  commit: ReadCommit,
  tree: PlacedTree | GitError | undefined,
): ReferenceFacts | undefined {
  const { place, id } = candidate;
  if (commit === undefined) return undefined;
  if ('reason' in commit) return { id, reason: commit.reason };
  if (tree === undefined) return { id, reason: `there is no directory ${place.path}` };
  if (tree instanceof GitError) return { id, reason: tree.message };
  const kptfile = kptfileIn(tree);
  if (kptfile === undefined) return { id, reason: `there is no ${kptfileName} in ${place.path}` };
  const workspaceName = workspaceOfCandidate(candidate, commit);
  const facts: Writable<PackageFacts> = { id, commit: commit.id, tree: tree.id, kptfile, workspaceName, tasks: [] };
  if (place.type !== 'tag') return facts;
  facts.publishedBy = commit.author.email;
  facts.publishTimestamp = new Date(commit.author.time).toISOString();
  return facts;
}

/** A reference as it is listed, by what is known of what it names. Its deletion proposal is left out. */
export function foundReference(
  { ref, place, packageName }: Candidate,
  facts: ReferenceFacts,
): DiscoveredRevision | SkippedReference {
  const { id } = facts;
  if ('reason' in facts) return { ref, id, kind: 'content', reason: facts.reason };
  const { commit, tree, kptfile, workspaceName, tasks, publishedBy, publishTimestamp } = facts;
  const published = place.type === 'tag';
  const found: Writable<DiscoveredRevision> = {
    commit,
    tree,
    kptfile,
    workspaceName,
    tasks,
    packageName,
    path: place.path,
    revision: published ? revisionOfTag(place.name) : 0,
    lifecycle: published ? 'Published' : place.type === 'proposed' ? 'Proposed' : 'Draft',
    ref,
    refs: { [ref]: id },
  };
  if (publishedBy !== undefined) found.publishedBy = publishedBy;
  if (publishTimestamp !== undefined) found.publishTimestamp = publishTimestamp;
  return found;
}

function workspaceOfCandidate({ place }: Candidate, commit: NamedCommit): string {
  const revision = place.type === 'tag' ? revisionOfTag(place.name) : 0;
  return revision > 0 ? workspaceOfTag(place, revision, commit) : place.name;
}

/** The workspace that the tagged commit names, unless it speaks of another revision; else it is named after the revision. */
function workspaceOfTag(place: PackageReference, revision: number, commit: NamedCommit): string {
  const own = commit.annotations.find((annotation) => {
    const other = Number(annotation.revision?.replace(/^v/, ''));
    return annotation.path === place.path && !(other > 0 && other !== revision);
  });
  const named = own === undefined ? undefined : workspaceOf(own);
  return named === undefined || workspaceNameProblem(named) !== undefined ? `v${revision}` : named;
}

import { readAnnotations, workspaceOf } from './annotation.ts';
import { packageNameProblem, workspaceNameProblem } from './api-name.ts';
import { kptfileOf } from './branch-packages.ts';
import type { DiscoveredRevision, SkippedReference } from './discovery-types.ts';
import { type PackageReference, parseReference, pathBelow, revisionOfTag } from './layout.ts';
import { type CommitInfo, GitError, type Mirror, type ObjectId } from './types.ts';

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

/** What a reference turned out to be. Revisions still lack their tasks and their deletion proposal. */
export type Found =
  | { readonly revision: DiscoveredRevision; readonly skipped?: undefined }
  | { readonly skipped: SkippedReference; readonly revision?: undefined };

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

function workspaceProblem(place: PackageReference): string | undefined {
  const fromMessage = place.type === 'tag' && revisionOfTag(place.name) > 0;
  return fromMessage ? undefined : workspaceNameProblem(place.name);
}

/** The package's tree of each candidate, in order; undefined where there is none. @throws GitError */
export async function treesOf(
  mirror: Mirror,
  candidates: readonly Candidate[],
): Promise<readonly (ObjectId | undefined)[]> {
  const found = await mirror.lookUp(candidates.map(({ commit, place }) => ({ commit, path: place.path })));
  return found.map((object) => (object?.type === 'tree' ? object.id : undefined));
}

/** Reads what a reference names, given its package's tree. @throws GitError when Git cannot be asked */
export async function readCandidate(mirror: Mirror, candidate: Candidate, tree: ObjectId | undefined): Promise<Found> {
  const skip = (kind: SkippedReference['kind'], reason: string): Found => ({
    skipped: { ref: candidate.ref, id: candidate.id, kind, reason },
  });
  const { path } = candidate.place;
  try {
    const commit = await mirror.commit(candidate.commit);
    if (tree === undefined) return skip('content', `there is no directory ${path}`);
    const kptfile = kptfileOf(await mirror.listTree(tree));
    if (kptfile === undefined) return skip('content', `there is no Kptfile in ${path}`);
    const [text] = await mirror.blobs([kptfile]);
    return { revision: revisionOf(candidate, commit, tree, text?.toString('utf8') ?? '') };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (error.errorClass === 'NotFound' && !(await mirror.has(candidate.commit))) return skip('missing', error.message);
    if (error.errorClass === 'NotFound' || error.errorClass === 'Other') return skip('content', error.message);
    throw error;
  }
}

function revisionOf(candidate: Candidate, commit: CommitInfo, tree: ObjectId, kptfile: string): DiscoveredRevision {
  const { place, packageName, ref, id } = candidate;
  const published = place.type === 'tag';
  const revision = published ? revisionOfTag(place.name) : 0;
  return {
    packageName,
    path: place.path,
    workspaceName: revision > 0 ? workspaceOfTag(place, revision, commit) : place.name,
    revision,
    lifecycle: published ? 'Published' : place.type === 'proposed' ? 'Proposed' : 'Draft',
    ref,
    refs: { [ref]: id },
    commit: commit.id,
    tree,
    tasks: [],
    kptfile,
    ...(published ? { publishedBy: commit.author.email, publishTimestamp: commit.author.time.toISOString() } : {}),
  };
}

/** The workspace that the tagged commit names, unless it speaks of another revision; else it is named after the revision. */
function workspaceOfTag(place: PackageReference, revision: number, commit: CommitInfo): string {
  const own = readAnnotations(commit.message).find((annotation) => {
    const other = Number(annotation.revision?.replace(/^v/, ''));
    return annotation.path === place.path && !(other > 0 && other !== revision);
  });
  const named = own === undefined ? undefined : workspaceOf(own);
  return named === undefined || workspaceNameProblem(named) !== undefined ? `v${revision}` : named;
}

/**
 * Where package revisions stand in a Git repository. `path` is always the full path of a package: the Repository's directory and
 * the package's own path.
 */
import { workspaceNameProblem } from '../resources/api-name.ts';

const heads = 'refs/heads/';
const tags = 'refs/tags/';
const drafts = `${heads}drafts/`;
const proposals = `${heads}proposed/`;
const deletions = `${heads}deletionProposed/`;
const lifecyclePrefixes = [drafts, proposals, deletions];

/** The branch of a draft. */
export function draftReference(path: string, workspaceName: string): string {
  return `${drafts}${path}/${workspaceName}`;
}

/** The branch of a proposal. */
export function proposedReference(path: string, workspaceName: string): string {
  return `${proposals}${path}/${workspaceName}`;
}

/** The tag of a published revision. */
export function tagReference(path: string, revision: number): string {
  return `${tags}${path}/v${revision}`;
}

/** The branch that says that a revision is to be deleted; revisions without a number go by their workspace. */
export function deletionProposedReference(path: string, revision: number, workspaceName: string): string {
  return `${deletions}${path}/${revision > 0 ? `v${revision}` : workspaceName}`;
}

/** Whether a reference says that a revision is to be deleted. */
export function isDeletionProposal(ref: string): boolean {
  return ref.startsWith(deletions);
}

/** A branch by its name. */
export function branchReference(branch: string): string {
  return `${heads}${branch}`;
}

/** A tag by its name. */
export function namedTag(name: string): string {
  return `${tags}${name}`;
}

/** Whether a reference is the tag of a name. Looks at the two as they are: making a text to look up takes longer than comparing one. */
export function isNamedTag(ref: string, name: string): boolean {
  return ref.length === tags.length + name.length && ref.startsWith(tags) && ref.endsWith(name);
}

/** Whether a reference is one of those that follow a revision's lifecycle. */
export function isLifecycleReference(ref: string): boolean {
  return lifecyclePrefixes.some((prefix) => ref.startsWith(prefix));
}

/** A branch or tag without the part that says which of the two it is; other references as they are. */
export function shortReference(ref: string): string {
  for (const prefix of [heads, tags]) if (ref.startsWith(prefix)) return ref.slice(prefix.length);
  return ref;
}

/** Whether a branch can be the workspace of branch-tracking revisions: those of others are not listed. */
export function isPlaceholderBranch(branch: string): boolean {
  return workspaceNameProblem(branch) === undefined;
}

/** A reference as this layout reads it. `name` is its last segment. */
export interface PackageReference {
  readonly type: 'draft' | 'proposed' | 'tag' | 'deletionProposed';
  readonly path: string;
  readonly name: string;
}

/** Takes a reference apart; undefined for those that belong to no package. */
export function parseReference(ref: string): PackageReference | undefined {
  if (ref.startsWith(drafts)) return split('draft', ref.slice(drafts.length));
  if (ref.startsWith(proposals)) return split('proposed', ref.slice(proposals.length));
  if (isDeletionProposal(ref)) return split('deletionProposed', ref.slice(deletions.length));
  if (ref.startsWith(tags)) return split('tag', ref.slice(tags.length));
  return undefined;
}

function split(type: PackageReference['type'], rest: string): PackageReference | undefined {
  const slash = rest.lastIndexOf('/');
  return slash <= 0 ? undefined : { type, path: rest.slice(0, slash), name: rest.slice(slash + 1) };
}

/** The number in the last segment of a tag (`v3` or `3`), or -1 where there is none. */
export function revisionOfTag(name: string): number {
  const digits = /^v?([0-9]{1,15})$/.exec(name)?.[1];
  const revision = digits === undefined ? 0 : Number(digits);
  return revision > 0 ? revision : -1;
}

/** The numbers of all published revisions of one package, from the names of references. */
export function revisionsOfTags(refs: Iterable<string>, path: string): number[] {
  const prefix = `${tags}${path}/`;
  const revisions: number[] = [];
  for (const ref of refs) {
    if (!ref.startsWith(prefix)) continue;
    const revision = revisionOfTag(ref.slice(prefix.length));
    if (revision > 0) revisions.push(revision);
  }
  return revisions;
}

/** A directory without slashes at its ends, doubled ones, and `.` segments. */
export function normalDirectory(directory: string | undefined): string {
  return (directory ?? '')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** The full path of a package. */
export function fullPath(directory: string | undefined, packageName: string): string {
  const base = normalDirectory(directory);
  return base === '' ? packageName : `${base}/${packageName}`;
}

/** The package's path below the directory: empty for the directory itself, undefined for what is outside. */
export function pathBelow(directory: string | undefined, path: string): string | undefined {
  const base = normalDirectory(directory);
  if (base === '' || path === base) return path === base ? '' : path;
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
}

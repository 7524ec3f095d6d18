import type { RequestContext } from '@porch/apiserver';
import { kptfileName } from '@porch/kpt';
import { treeContent } from '../cache/content.ts';
import { branchReference, namedTag, normalDirectory } from '../git/layout.ts';
import { GitError, type GitErrorClass, type Mirror, type ObjectId, type RemoteReferences } from '../git/types.ts';
import { packageRevisions } from '../resources/group.ts';
import type { Task } from '../resources/package-revision.ts';
import { answering, invalidField } from './errors.ts';
import type { EngineParts } from './parts.ts';
import type { Source } from './source.ts';

type Place = NonNullable<NonNullable<NonNullable<Task['clone']>['upstreamRef']>['git']>;

/**
 * The content of a package in any Git repository, registered or not. An empty reference, or `HEAD`, is the default branch of the remote,
 * whose name is what the Kptfile says then. `name`: of the package revision that is made of it; `field`: where its
 * task says so.
 * @throws StatusError 400 naming the field for a reference or directory that is not there; 400 or 503 when the repository cannot be read
 */
export async function gitSource(
  parts: EngineParts,
  context: RequestContext,
  name: string,
  place: Place,
  field: string,
): Promise<Required<Source>> {
  return answering(packageRevisions, name, `cannot clone ${place.repo}`, () =>
    advisingOnSecret(place, field, async () => {
      const mirror = await parts.repositories.mirror(place.repo);
      const access = await parts.repositories.accessTo(context.namespace, place.repo, place.secretRef?.name);
      const options = { signal: context.signal };
      const references = await mirror.lsRemote(access, options);
      const directory = normalDirectory(place.directory);
      const ref = isHead(place.ref) ? await mirror.defaultBranch(access, options) : place.ref;
      if (ref === undefined) {
        const detail = 'the repository has no default branch; name a branch, tag or commit';
        throw invalidField(name, `${field}.ref`, place.ref, detail);
      }
      const found = isHead(place.ref)
        ? references.refs.get(branchReference(ref))
        : candidates(references, directory, ref);
      if (found === undefined || !(await mirror.has(found))) await mirror.fetch(access, options);
      // A tag may name anything.
      const commit = await (found === undefined ? visibleCommit(mirror, references, ref) : mirror.commitNamed(found));
      if (commit === undefined) {
        const detail = 'there is no such branch, tag or commit in the repository';
        throw invalidField(name, `${field}.ref`, place.ref, detail);
      }
      const tree = (await mirror.entryAt(commit, directory))?.id;
      const kptfile = await mirror.entryAt(commit, directory === '' ? kptfileName : `${directory}/${kptfileName}`);
      if (tree === undefined || kptfile?.type !== 'blob') {
        throw invalidField(name, `${field}.directory`, place.directory, `there is no Kptfile in it at ${ref}`);
      }
      const git = { repo: place.repo, directory, ref };
      return {
        content: await treeContent(mirror, tree),
        upstream: { type: 'git', git },
        lock: { type: 'git', git: { ...git, commit } },
      } satisfies Required<Source>;
    }),
  );
}

/** Whether a reference means the branch that the remote says is its own. */
function isHead(ref: string): boolean {
  return ref === '' || ref === 'HEAD';
}

/** The commit that a name means: a tag or branch of the package first, then one of the repository. */
function candidates(references: RemoteReferences, directory: string, ref: string): ObjectId | undefined {
  const names = directory === '' ? [ref] : [`${directory}/${ref}`, ref];
  for (const name of names) {
    for (const full of [name, namedTag(name), branchReference(name)]) {
      const id = references.peeled.get(full) ?? references.refs.get(full);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

/** A commit named by its id, which may be shortened, if it can be reached from what these credentials can see. */
async function visibleCommit(mirror: Mirror, references: RemoteReferences, ref: string): Promise<ObjectId | undefined> {
  const id = await mirror.commitNamed(ref);
  if (id === undefined) return undefined;
  const heads = [...references.refs].map(([name, head]) => references.peeled.get(name) ?? head);
  let hidden = false;
  await mirror.history([id], heads, () => {
    hidden = true;
  });
  return hidden ? undefined : id;
}

/** What a Repository is advised to do about its Secret, the task has a field of its own for. */
async function advisingOnSecret<T>(place: Place, field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const advice = adviceOnSecret(error.errorClass, `${field}.secretRef.name`, (place.secretRef?.name ?? '') !== '');
    if (advice === undefined) throw error;
    throw new GitError(error.errorClass, error.message, advice, { cause: error });
  }
}

/** What to do about the Secret that is, or is to be, named in a field; undefined where it is not what was wrong. */
function adviceOnSecret(errorClass: GitErrorClass, field: string, isNamed: boolean): string | undefined {
  if (errorClass === 'HostKey') {
    return `compare the server's key with what its operator publishes, and put it into known_hosts of the Secret named in ${field}`;
  }
  if (errorClass !== 'Authentication') return undefined;
  return isNamed
    ? `check the Secret named in ${field}: that it is there, its user name, password, token or key, and what it may do`
    : `name a Secret with credentials for the repository in ${field}`;
}

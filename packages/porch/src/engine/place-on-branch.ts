import { type StatusError, statusErrors } from '@porch/apiserver';
import { kptfileName } from '@porch/kpt';
import type { GitRepository } from '../cache/git-repositories.ts';
import { packagesOfCommit } from '../git/branch-packages.ts';
import { normalDirectory } from '../git/layout.ts';
import type { ObjectId, TreeEntry } from '../git/types.ts';
import { firstNames } from './first-names.ts';

/** How many packages a message names before it only counts. */
const mostNames = 5;

/**
 * Refuses to put a package where the branch has something that would be lost: a file, link or submodule that stands where a directory has
 * to be, or other packages in a directory that is no package itself. So it does where a package that is not on the branch yet would
 * become a part of another one, whose next revision would remove it.
 * @throws StatusError 400 naming it; GitError
 */
export async function checkPlaceOnBranch(git: GitRepository, head: ObjectId, path: string): Promise<void> {
  const { mirror, branch } = git;
  const outermost = normalDirectory(git.directory).length;
  let around: string | undefined;
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const part = end < 0 ? path : path.slice(0, end);
    const entry = await mirror.entryAt(head, part);
    if (entry === undefined) {
      if (around !== undefined) throw nested(branch, around);
      return;
    }
    if (entry.type !== 'tree') {
      throw statusErrors.badRequest(
        `branch "${branch}" has a file, link or submodule ${JSON.stringify(part)} where the package's directory has to be; ` +
          'remove or rename it in Git',
      );
    }
    if (end < 0) break;
    if (around === undefined && part.length > outermost && (await hasKptfile(git, head, part))) around = part;
  }
  if (around !== undefined && !(await hasKptfile(git, head, path))) throw nested(branch, around);
  const there = await packagesOfCommit(mirror, head, path, nothingKnown);
  const others = there.map((one) => one.path).filter((other) => other !== path);
  if (others.length === 0) return;
  throw statusErrors.badRequest(
    `packages cannot be nested: branch "${branch}" has got ${firstNames(others, mostNames)} in the package's directory; ` +
      'remove them in Git, or make the package elsewhere',
  );
}

async function hasKptfile({ mirror }: GitRepository, head: ObjectId, directory: string): Promise<boolean> {
  const entry: TreeEntry | undefined = await mirror.entryAt(head, `${directory}/${kptfileName}`);
  return entry?.mode.startsWith('100') === true;
}

function nested(branch: string, around: string): StatusError {
  return statusErrors.badRequest(
    `packages cannot be nested: branch "${branch}" has got a package ${JSON.stringify(around)}, whose directory the package is in; ` +
      'remove that in Git, or make the package elsewhere',
  );
}

const nothingKnown = { kptfileOf: () => undefined, isBarren: () => false, learnBarren: () => undefined };

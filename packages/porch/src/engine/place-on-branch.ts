import { statusErrors } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import { packagesOfCommit } from '../git/branch-packages.ts';
import type { ObjectId } from '../git/types.ts';

/** How many packages a message names before it only counts. */
const mostNames = 5;

/**
 * Refuses to put a package where the branch has something that would be lost: a file, link or submodule that stands where a directory has
 * to be, or other packages in a directory that is no package itself.
 * @throws StatusError 400 naming it; GitError
 */
export async function checkPlaceOnBranch(git: GitRepository, head: ObjectId, path: string): Promise<void> {
  const { mirror, branch } = git;
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const part = end < 0 ? path : path.slice(0, end);
    const entry = await mirror.entryAt(head, part);
    if (entry === undefined) return;
    if (entry.type !== 'tree') {
      throw statusErrors.badRequest(
        `branch "${branch}" has a file, link or submodule ${JSON.stringify(part)} where the package's directory has to be; ` +
          'remove or rename it in Git',
      );
    }
    if (end < 0) break;
  }
  const there = await packagesOfCommit(mirror, head, path, nothingKnown);
  const others = there.map((one) => one.path).filter((other) => other !== path);
  if (others.length === 0) return;
  const more = others.length > mostNames ? ` and ${others.length - mostNames} more` : '';
  throw statusErrors.badRequest(
    `packages cannot be nested: branch "${branch}" has got ${others.slice(0, mostNames).join(', ')}${more} in the package's directory; ` +
      'remove them in Git, or make the package elsewhere',
  );
}

const nothingKnown = { kptfileOf: () => undefined, isBarren: () => false, learnBarren: () => undefined };

/**
 * Commits by their ids as people write them.
 */

import type { GitProcesses } from './broker/git-processes.ts';
import { commandBroken } from './errors.ts';
import type { ObjectId } from './types.ts';

/** As git itself shortens ids; fewer digits than this are more likely a name that is spelt wrongly. */
const ID = /^[0-9a-f]{7,40}$/i;

/**
 * The commit of a mirror with this id, of which seven digits are enough when no other commit begins with them; undefined when there is none.
 * @throws GitError when git cannot be asked
 */
export async function commitNamed(
  mirror: { readonly processes: GitProcesses; readonly directory: string },
  text: string,
): Promise<ObjectId | undefined> {
  if (!ID.test(text)) return undefined;
  const result = await mirror.processes
    .run({
      args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${text.toLowerCase()}^{commit}`],
      env: { GIT_DIR: mirror.directory },
    })
    .catch((error: unknown) => {
      throw commandBroken({ what: `look up commit ${text} in the mirror` }, error);
    });
  return result.exitCode === 0 ? result.stdout.toString('latin1').trim() : undefined;
}

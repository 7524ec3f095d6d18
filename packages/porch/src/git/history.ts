/**
 * Walks the commits of a mirror.
 */

import type { GitProcesses } from './broker/git-processes.ts';
import { CommitStream } from './commit-stream.ts';
import { commandBroken, commandFailed, gitError } from './errors.ts';
import { inputLines } from './input-lines.ts';
import { isObjectId } from './reference-name.ts';
import type { CommitInfo, ObjectId } from './types.ts';

const TIMEOUT_MS = 300_000;

/**
 * Hands over commits as Git writes them: none is kept here. See `Mirror.history`.
 * @throws GitError
 */
export async function readHistory(
  mirror: { readonly processes: GitProcesses; readonly directory: string },
  from: readonly ObjectId[],
  except: readonly ObjectId[],
  take: (commit: CommitInfo) => void,
): Promise<void> {
  if (from.length === 0) return;
  for (const id of [...from, ...except]) {
    if (!isObjectId(id)) throw gitError('NotFound', `${JSON.stringify(id)} is not an object id`);
  }
  const attempt = { what: 'walk the history of the mirror' };
  const commits = new CommitStream(take);
  const result = await mirror.processes
    .run({
      // Git would read a commit's headers too in the encoding that it claims for its message, and find others in them.
      args: ['rev-list', '--ignore-missing', '--header', '--encoding=none', '--stdin'],
      // Git would write each commit by itself, and each would make its own way here.
      env: { GIT_DIR: mirror.directory, GIT_FLUSH: '0' },
      input: inputLines([...from, ...except.map((id) => `^${id}`)], (line) => line),
      timeoutMs: TIMEOUT_MS,
      onOutput: (chunk) => commits.push(chunk),
    })
    .catch((error: unknown) => {
      throw commandBroken(attempt, error);
    });
  if (result.exitCode !== 0) throw commandFailed(attempt, result);
}

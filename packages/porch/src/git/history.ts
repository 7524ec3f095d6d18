/**
 * Walks the commits of a mirror.
 */

import type { GitProcesses } from './broker/git-processes.ts';
import { commandBroken, commandFailed, gitError } from './errors.ts';
import type { ObjectDatabase } from './object-database.ts';
import { isObjectId } from './reference-name.ts';
import type { CommitInfo, ObjectId } from './types.ts';

const COMMITS_AT_ONCE = 1000;
const TIMEOUT_MS = 300_000;

/**
 * Commits reachable from some and not from others, newest first by committer time. Commits to leave out that are not in the mirror
 * leave nothing out.
 * @throws GitError NotFound when a commit to begin with is missing
 */
export async function readHistory(
  mirror: { readonly processes: GitProcesses; readonly directory: string; readonly objects: ObjectDatabase },
  from: readonly ObjectId[],
  except: readonly ObjectId[],
): Promise<readonly CommitInfo[]> {
  if (from.length === 0) return [];
  for (const id of [...from, ...except]) {
    if (!isObjectId(id)) throw gitError('NotFound', `${JSON.stringify(id)} is not an object id`);
  }
  const present = await Promise.all(from.map((id) => mirror.objects.has(id)));
  const missing = from.filter((_, index) => !present[index]);
  if (missing.length > 0) throw gitError('NotFound', `commit ${missing.join(', ')} is not in the mirror`);

  const attempt = { what: 'walk the history of the mirror' };
  const result = await mirror.processes
    .run({
      args: ['rev-list', '--ignore-missing', '--stdin'],
      env: { GIT_DIR: mirror.directory },
      input: Buffer.from([...from, ...except.map((id) => `^${id}`)].map((line) => `${line}\n`).join('')),
      timeoutMs: TIMEOUT_MS,
    })
    .catch((error: unknown) => {
      throw commandBroken(attempt, error);
    });
  if (result.exitCode !== 0) throw commandFailed(attempt, result);
  const ids = result.stdout.toString('latin1').split('\n').slice(0, -1);
  const commits: CommitInfo[] = [];
  for (let start = 0; start < ids.length; start += COMMITS_AT_ONCE) {
    const some = ids.slice(start, start + COMMITS_AT_ONCE);
    commits.push(...(await Promise.all(some.map((id) => mirror.objects.commit(id)))));
  }
  return commits;
}

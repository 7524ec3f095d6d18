/**
 * Finds out what stands at many paths of many commits, without bringing the trees on the way into this process.
 */
import type { GitProcesses } from './broker/git-processes.ts';
import { commandBroken, commandFailed, gitError } from './errors.ts';
import { isObjectId } from './reference-name.ts';
import type { ObjectId, ObjectPlace, PlacedObject } from './types.ts';

const PLACES_AT_ONCE = 5000;
const TIMEOUT_MS = 300_000;

/** What stands at each place, in order; undefined where there is nothing. @throws GitError */
export async function lookUpPaths(
  mirror: { readonly processes: GitProcesses; readonly directory: string },
  places: readonly ObjectPlace[],
): Promise<readonly (PlacedObject | undefined)[]> {
  const found: (PlacedObject | undefined)[] = [];
  for (let start = 0; start < places.length; start += PLACES_AT_ONCE) {
    found.push(...(await lookUp(mirror, places.slice(start, start + PLACES_AT_ONCE))));
  }
  return found;
}

async function lookUp(
  mirror: { readonly processes: GitProcesses; readonly directory: string },
  places: readonly ObjectPlace[],
): Promise<readonly (PlacedObject | undefined)[]> {
  const attempt = { what: `look up ${places.length} paths in the mirror` };
  const result = await mirror.processes
    .run({
      args: ['cat-file', '--batch-check', '--buffer'],
      env: { GIT_DIR: mirror.directory },
      input: Buffer.from(places.map(requestLine).join('')),
      timeoutMs: TIMEOUT_MS,
    })
    .catch((error: unknown) => {
      throw commandBroken(attempt, error);
    });
  if (result.exitCode !== 0) throw commandFailed(attempt, result);
  const lines = result.stdout.toString('latin1').split('\n').slice(0, -1);
  if (lines.length !== places.length) throw gitError('Other', 'git cat-file gave fewer answers than it was asked for');
  return lines.map((line) => {
    const match = /^([0-9a-f]{40}) (blob|tree) \d+$/.exec(line);
    return match?.[1] === undefined ? undefined : { id: match[1] as ObjectId, type: match[2] as PlacedObject['type'] };
  });
}

function requestLine({ commit, path }: ObjectPlace): string {
  if (!isObjectId(commit)) throw gitError('NotFound', `${JSON.stringify(commit)} is not an object id`);
  if (/[\n\0]/.test(path)) throw gitError('NotFound', `${JSON.stringify(path)} is not a path that can be looked up`);
  return `${commit}:${path}\n`;
}

/**
 * Finds the trees that stand at many paths of many commits or trees, without bringing those on the way into this process.
 */
import type { GitProcesses } from './broker/git-processes.ts';
import { CatFileParser } from './cat-file-parser.ts';
import { commandBroken, commandFailed, gitError, objectTooLarge } from './errors.ts';
import { inputLines } from './input-lines.ts';
import { entryNamed } from './object-format.ts';
import { isObjectId } from './reference-name.ts';
import type { GitError, ObjectPlace, PlacedTree } from './types.ts';

const TIMEOUT_MS = 300_000;

/** What `placedTrees` reads. */
export interface PlacedTreesOptions {
  readonly processes: GitProcesses;
  readonly directory: string;
  /** A larger tree is not read, in bytes. */
  readonly maxTreeBytes: number;
}

/** The tree at each place, in order, with its entry of one name, in ASCII. See `Mirror.treesAt`. @throws GitError */
export async function placedTrees(
  options: PlacedTreesOptions,
  places: readonly ObjectPlace[],
  name: string,
): Promise<readonly (PlacedTree | GitError | undefined)[]> {
  const found: (PlacedTree | GitError | undefined)[] = [];
  if (places.length === 0) return found;
  for (const place of places) checkPlace(place);
  const answers = new CatFileParser(
    (objectType) => (objectType === 'tree' ? options.maxTreeBytes : 0),
    (answer) => {
      if (answer.type === 'object' && answer.objectType === 'tree') found.push(placedTree(answer, name));
      else if (answer.type === 'too-large' && answer.objectType === 'tree') found.push(objectTooLarge(answer));
      else found.push(undefined);
    },
  );
  const attempt = { what: `look up ${places.length} paths in the mirror` };
  const result = await options.processes
    .run({
      args: ['cat-file', '--batch', '--buffer'],
      env: { GIT_DIR: options.directory },
      input: inputLines(places, ({ treeish, path }) => `${treeish}:${path}`),
      timeoutMs: TIMEOUT_MS,
      onOutput: (chunk) => answers.push(chunk),
    })
    .catch((error: unknown) => {
      throw commandBroken(attempt, error);
    });
  if (result.exitCode !== 0) throw commandFailed(attempt, result);
  if (found.length !== places.length) throw gitError('Other', 'git cat-file gave fewer answers than it was asked for');
  return found;
}

function placedTree({ id, bytes }: { readonly id: string; readonly bytes: Buffer }, name: string) {
  try {
    return { id, entry: entryNamed(bytes, name) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return gitError('Other', `object ${id} is damaged: ${why}`, { cause: error });
  }
}

function checkPlace({ treeish, path }: ObjectPlace): void {
  if (!isObjectId(treeish)) throw gitError('NotFound', `${JSON.stringify(treeish)} is not an object id`);
  if (/[\n\0]/.test(path)) throw gitError('NotFound', `${JSON.stringify(path)} is not a path that can be looked up`);
}

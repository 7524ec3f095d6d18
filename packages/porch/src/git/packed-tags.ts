import { turns } from '@porch/apiserver';
import { isReferenceName } from '../resources/reference-name.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { commandBroken, commandFailed } from './errors.ts';
import { inputLines } from './input-lines.ts';
import type { ObjectId, RemoteReferences } from './types.ts';

const TIMEOUT_MS = 300_000;
const MISSING = ' missing';

/** Tags of a remote that a repository may have. */
export interface PackedTags {
  /** Those whose objects are there, as they stand in a file `packed-refs`: sorted, a letter for each byte. */
  readonly text: string;
  /** How many others there are. */
  readonly missing: number;
}

/** Looks up which of the listed tags' objects a repository has. @throws GitError */
export async function packedTags(
  repository: { readonly processes: GitProcesses; readonly directory: string },
  { refs, peeled }: RemoteReferences,
): Promise<PackedTags> {
  const tags = [...refs].filter(([ref]) => ref.startsWith('refs/tags/'));
  const present = await presentObjects(
    repository,
    tags.map(([, id]) => id),
  );
  const lines: [name: string, line: string][] = [];
  for (const [index, [ref, id]] of tags.entries()) {
    if (turns.over) await turns.next();
    if (!present[index] || !isWritable(ref)) continue;
    const name = Buffer.from(ref).toString('latin1');
    const commit = peeled.get(ref);
    lines.push([name, `${id} ${name}\n${commit === undefined ? '' : `^${commit}\n`}`]);
  }
  lines.sort(([a], [b]) => (a < b ? -1 : 1));
  return { text: lines.map(([, line]) => line).join(''), missing: tags.length - lines.length };
}

/** Git reads no file with a name that it does not allow. One that is not UTF-8 is not known exactly. */
function isWritable(ref: string): boolean {
  return isReferenceName(ref) && !ref.includes('\ufffd');
}

/** Whether each object is there, in order. @throws GitError */
async function presentObjects(
  { processes, directory }: { readonly processes: GitProcesses; readonly directory: string },
  ids: readonly ObjectId[],
): Promise<readonly boolean[]> {
  if (ids.length === 0) return [];
  const attempt = { what: `look up ${ids.length} objects` };
  const result = await processes
    .run({
      args: ['cat-file', '--batch-check=%(objectname)', '--buffer'],
      env: { GIT_DIR: directory },
      input: inputLines(ids, (id) => id),
      timeoutMs: TIMEOUT_MS,
    })
    .catch((error: unknown) => {
      throw commandBroken(attempt, error);
    });
  if (result.exitCode !== 0) throw commandFailed(attempt, result);
  const lines = result.stdout.toString('latin1').split('\n');
  return ids.map((_, index) => lines[index] !== undefined && !lines[index].endsWith(MISSING));
}

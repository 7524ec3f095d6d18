import { turns } from '@porch/apiserver';
import { isReferenceName } from '../resources/reference-name.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { commandBroken, commandFailed } from './errors.ts';
import { mirroredTags, tagsOfRemotes } from './mirrored-names.ts';
import type { ObjectId, RemoteReferences } from './types.ts';

const TIMEOUT_MS = 300_000;
const MISSING = ' missing';

/** Tags of a remote that a repository may have. */
export interface PackedTags {
  /** Those whose objects are there, as they stand in the file `packed-refs` of a mirror: sorted, a letter for each byte. */
  readonly text: string;
  /** How many others there are. */
  readonly missing: number;
}

/** A tag as it is to stand in the file `packed-refs` of a mirror. */
export interface TagLines {
  readonly id: ObjectId;
  /** In the file's encoding, as are the lines. */
  readonly name: string;
  /** Undefined where Git would not read the file any more. */
  readonly lines: string | undefined;
}

/** The tags among listed references, in the order of the file. */
export async function tagLines({ refs, peeled }: RemoteReferences): Promise<readonly TagLines[]> {
  const tags: TagLines[] = [];
  for (const [ref, id] of refs) {
    if (turns.over) await turns.next();
    if (!ref.startsWith(tagsOfRemotes)) continue;
    const name = `${mirroredTags}${Buffer.from(ref.slice(tagsOfRemotes.length)).toString('latin1')}`;
    const commit = peeled.get(ref);
    const lines = isWritable(ref) ? `${id} ${name}\n${commit === undefined ? '' : `^${commit}\n`}` : undefined;
    tags.push({ id, name, lines });
  }
  return tags.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Looks up which tags' objects a repository has, but for those that it is known to have. @throws GitError */
export async function packedTags(
  repository: { readonly processes: GitProcesses; readonly directory: string },
  tags: readonly TagLines[],
  known?: Pick<ReadonlySet<ObjectId>, 'has'>,
): Promise<PackedTags> {
  const asked = tags.filter(({ id }) => known?.has(id) !== true);
  const isPresent = await presentObjects(
    repository,
    asked.map(({ id }) => id),
  );
  const absent = new Set(asked.filter((_, index) => !isPresent(index)));
  const lines = tags.flatMap((tag) => (absent.has(tag) || tag.lines === undefined ? [] : [tag.lines]));
  return { text: lines.join(''), missing: tags.length - lines.length };
}

/** Git reads no file with a name that it does not allow. One that is not UTF-8 is not known exactly. */
function isWritable(ref: string): boolean {
  return isReferenceName(ref) && !ref.includes('\ufffd');
}

/** Tells of each object, by its place in the list, whether it is there. @throws GitError */
async function presentObjects(
  { processes, directory }: { readonly processes: GitProcesses; readonly directory: string },
  ids: readonly ObjectId[],
): Promise<(index: number) => boolean> {
  if (ids.length === 0) return () => false;
  const attempt = { what: `look up ${ids.length} objects` };
  const input = Buffer.from(`${ids.join('\n')}\n`, 'latin1');
  const result = await processes
    .run({
      args: ['cat-file', '--batch-check=%(objectname)', '--buffer'],
      env: { GIT_DIR: directory },
      input,
      timeoutMs: TIMEOUT_MS,
    })
    .catch((error: unknown) => {
      throw commandBroken(attempt, error);
    });
  if (result.exitCode !== 0) throw commandFailed(attempt, result);
  // What is there is answered with its id.
  if (result.stdout.equals(input)) return () => true;
  const lines = result.stdout.toString('latin1').split('\n');
  return (index) => lines[index] !== undefined && !lines[index].endsWith(MISSING);
}

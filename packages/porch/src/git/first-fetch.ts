/**
 * The first fetch of a mirror. `git fetch` writes a file for every reference, which takes seconds for thousands of them; `git clone`
 * writes them all into one. So the first time the remote is cloned beside the mirror, and what came is moved into it.
 */

import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { arrivingCommits } from './arriving-commits.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { headsOfRemotes, mirroredHeads, mirroredTags, tagsOfRemotes } from './mirrored-names.ts';
import { packedTags, tagLines } from './packed-tags.ts';
import type { FetchOptions } from './types.ts';

const places: readonly (readonly [from: string, to: string])[] = [
  [headsOfRemotes, mirroredHeads],
  [tagsOfRemotes, mirroredTags],
];

/** So many tags can be fetched one by one. */
const FEW_TAGS = 100;

/** What a first fetch needs. See `FetchOptions` for the rest. */
export interface FirstFetch extends Pick<FetchOptions, 'listed' | 'arriving'> {
  readonly processes: GitProcesses;
  /** The mirror. */
  readonly directory: string;
  readonly url: string;
  /** Runs git outside of any repository, with what it needs to get at the remote. @throws GitError */
  readonly run: (args: readonly string[]) => Promise<unknown>;
}

/** What a first fetch has brought. */
export interface FirstFetched {
  /** Size of the references, in bytes. */
  readonly bytes: number;
  /** Whether that is all; some tags are left to the next fetch otherwise. */
  readonly isComplete: boolean;
}

/** Whether a mirror has never fetched anything. */
export async function isUnfetched(directory: string): Promise<boolean> {
  return !(await exists(join(directory, 'packed-refs'))) && !(await exists(join(directory, 'refs', 'mirror')));
}

/** Brings the branches and tags of a remote into a mirror that has none. @throws GitError */
export async function fetchFirst(first: FirstFetch): Promise<FirstFetched> {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  try {
    return await fetchBeside(join(first.directory, 'first-fetch'), first, done);
  } finally {
    resolve();
  }
}

/**
 * Clones beside the mirror. Most tags name commits of branches: asking for these alone spares the remote to look at each tag, and git to write
 * it, which is a fourth of the time where there are thousands.
 */
async function fetchBeside(clone: string, first: FirstFetch, done: Promise<void>): Promise<FirstFetched> {
  const { processes, directory, listed, arriving } = first;
  if (listed !== undefined && listed.peeled.size <= FEW_TAGS) {
    // What can be made ready is ready when git is.
    const [lines] = await Promise.all([tagLines(listed), cloneInto(clone, first, done, ['--no-tags'])]);
    const tags = await packedTags({ processes, directory: clone }, lines, arriving);
    if (tags.missing <= FEW_TAGS) {
      return { bytes: await adoptClone(directory, clone, tags.text), isComplete: tags.missing === 0 };
    }
  }
  await cloneInto(clone, first, done, []);
  return { bytes: await adoptClone(directory, clone, ''), isComplete: true };
}

/** Clones the remote to where an earlier attempt may have left something. `done`: resolves when the mirror has it. */
async function cloneInto(
  clone: string,
  { url, run, arriving }: FirstFetch,
  done: Promise<void>,
  options: readonly string[],
): Promise<void> {
  await rm(clone, { recursive: true, force: true });
  let state: 'cloning' | 'cloned' | 'failed' = 'cloning';
  const directory = join(clone, 'objects', 'pack');
  const pack = { directory, isOver: () => state !== 'cloning', afterwards: done };
  arriving?.begin((take) => arrivingCommits(pack, (commit) => state !== 'failed' && take(commit)));
  const base = ['clone', '--quiet', '--bare', '--no-local', '--reject-shallow', '--template='];
  try {
    await run([...base, ...options, '--', url, clone]);
    state = 'cloned';
  } finally {
    if (state === 'cloning') state = 'failed';
  }
}

/**
 * Moves what was cloned into the mirror: objects first, then the references, all at once, with the lines of tags that were not cloned.
 * Returns the size of their file, in bytes.
 */
async function adoptClone(directory: string, clone: string, tags: string): Promise<number> {
  const [objects, target] = [join(clone, 'objects'), join(directory, 'objects')];
  // Remotes that are only files on a web server give objects one by one.
  const loose = (await readdir(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  for (const part of [...loose, 'pack']) await moveFiles(join(objects, part), join(target, part));
  const references = Buffer.from(`${mirrored(await readPackedReferences(clone))}${tags}`, 'latin1');
  const unfinished = join(directory, 'packed-refs.new');
  const file = await open(unfinished, 'w', 0o600);
  try {
    await file.writeFile(references);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, join(directory, 'packed-refs'));
  await rm(clone, { recursive: true, force: true });
  return references.length;
}

async function moveFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const files = await readdir(from);
  // A pack is seen by its index: that has to come last.
  for (const file of files.sort((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')))) {
    await rename(join(from, file), join(to, file));
  }
}

/** What git has written of references, a letter for each byte. An empty remote has no such file. */
async function readPackedReferences(clone: string): Promise<string> {
  try {
    return await readFile(join(clone, 'packed-refs'), 'latin1');
  } catch (error) {
    if (isMissingFile(error)) return '';
    throw error;
  }
}

/** The lines of `packed-refs` under the names they have in a mirror; their order stays right. */
function mirrored(text: string): string {
  const lines: string[] = [];
  let keeps = true;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('#')) lines.push(line);
    else if (line.startsWith('^')) {
      if (keeps) lines.push(line);
    } else {
      const [id = '', name = ''] = line.split(' ', 2);
      const place = places.find(([from]) => name.startsWith(from));
      keeps = place !== undefined;
      if (place !== undefined) lines.push(`${id} ${place[1]}${name.slice(place[0].length)}`);
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw error;
  }
}

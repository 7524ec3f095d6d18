/**
 * The first fetch of a mirror. `git fetch` writes a file for every reference, which takes seconds for thousands of them; `git clone`
 * writes them all into one. So the first time the remote is cloned beside the mirror, and what came is moved into it.
 */

import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from './broker/system-errors.ts';

const places: readonly (readonly [from: string, to: string])[] = [
  ['refs/heads/', 'refs/mirror/heads/'],
  ['refs/tags/', 'refs/mirror/tags/'],
];

/** Whether a mirror has never fetched anything. */
export async function isUnfetched(directory: string): Promise<boolean> {
  return !(await exists(join(directory, 'packed-refs'))) && !(await exists(join(directory, 'refs', 'mirror')));
}

/** Where the remote is cloned to; it may hold what an earlier attempt has left. */
export function cloneDirectory(directory: string): string {
  return join(directory, 'first-fetch');
}

/** Arguments of the `git` that clones the remote into `cloneDirectory`. */
export function cloneArguments(url: string, directory: string): readonly string[] {
  const target = cloneDirectory(directory);
  return ['clone', '--quiet', '--bare', '--no-local', '--reject-shallow', '--template=', '--', url, target];
}

/** Moves what was cloned into the mirror: objects first, then the references, all at once. Returns the size of their file, in bytes. */
export async function adoptClone(directory: string): Promise<number> {
  const clone = cloneDirectory(directory);
  const [objects, target] = [join(clone, 'objects'), join(directory, 'objects')];
  // Remotes that are only files on a web server give objects one by one.
  const loose = (await readdir(objects)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  for (const part of [...loose, 'pack']) await moveFiles(join(objects, part), join(target, part));
  const references = mirrored(await readPackedReferences(clone));
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

/** An empty remote has no such file. */
async function readPackedReferences(clone: string): Promise<string> {
  try {
    return await readFile(join(clone, 'packed-refs'), 'utf8');
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

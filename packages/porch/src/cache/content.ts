import { isUtf8 } from 'node:buffer';
import type { GitFile, Mirror, ObjectId } from '../git/types.ts';
import { comparePaths } from './content-path.ts';

/** All files of a package, in the order of their paths, each path once. */
export type PackageContent = readonly GitFile[];

/** The files below a tree. @throws GitError */
export async function treeContent(mirror: Mirror, tree: ObjectId): Promise<PackageContent> {
  const files = await mirror.files(tree);
  return [...files].sort((a, b) => comparePaths(a.path, b.path));
}

/** Whether it is a file, and not a link or a submodule: only files have texts, and the mode of one is kept when its text changes. */
export function isFile({ mode }: Pick<GitFile, 'mode'>): boolean {
  return mode === '100644' || mode === '100755';
}

/**
 * A file's text, or undefined when its bytes or its path are not UTF-8, a backslash is in its path, or it is no file. A byte order mark is
 * part of the text.
 */
export function textOf(file: GitFile): string | undefined {
  return isText(file) ? file.bytes.toString('utf8') : undefined;
}

/** Whether a path is UTF-8, and means the same on all systems: packages are not rendered with others. */
function isTextPath(path: string): boolean {
  return path.isWellFormed() && !path.includes('\\');
}

function isText(file: GitFile): boolean {
  return isFile(file) && isUtf8(file.bytes) && isTextPath(file.path);
}

/** The files that the API can show, by path. */
export function textsOf(content: PackageContent): Map<string, string> {
  const texts = new Map<string, string>();
  for (const file of content) {
    const text = textOf(file);
    if (text !== undefined) texts.set(file.path, text);
  }
  return texts;
}

/** Bytes that a control character takes in JSON at most, as `\u0001`. */
const mostOfByte = 6;

/** Whether the texts of a package, as clients get them in JSON, have more than so many bytes together. */
export function textsExceed(content: PackageContent, mostBytes: number): boolean {
  let bytes = content.reduce((sum, file) => sum + file.bytes.length, 0);
  if (bytes * mostOfByte <= mostBytes) return false;
  bytes = 0;
  for (const file of content) {
    if (!isText(file)) continue;
    bytes += file.bytes.length;
    if (bytes <= mostBytes) bytes += escapedBytes(file.bytes);
    if (bytes > mostBytes) return true;
  }
  return false;
}

/** What JSON adds to a text, in bytes: it escapes quotes, backslashes and control characters. */
function escapedBytes(text: Buffer): number {
  let bytes = 0;
  for (const byte of text) {
    if (byte === 0x22 || byte === 0x5c || (byte >= 0x08 && byte <= 0x0d && byte !== 0x0b)) bytes += 1;
    else if (byte < 0x20) bytes += mostOfByte - 1;
  }
  return bytes;
}

/** Whether two packages have the same texts. */
export function sameTexts(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...other].every(([path, text]) => one.get(path) === text);
}

/** Paths of what the API cannot show: binary files, links, submodules, and names that are not UTF-8 or have a backslash. */
export function hiddenPaths(content: PackageContent): string[] {
  return content.filter((file) => !isText(file)).map((file) => file.path);
}

/**
 * The content with other texts: texts that are missing are removed, new ones are plain files, those that stay keep their mode.
 * Files that the API cannot show stay as they are unless a text takes their path.
 */
export function withTexts(content: PackageContent, files: ReadonlyMap<string, string>): PackageContent {
  const before = new Map(content.map((file) => [file.path, file]));
  const after: GitFile[] = [];
  const directories = new Set<string>();
  for (const [path, text] of files) {
    const old = before.get(path);
    const bytes = Buffer.from(text);
    if (old !== undefined && isFile(old)) after.push(old.bytes.equals(bytes) ? old : { ...old, bytes });
    else after.push({ path, mode: '100644', bytes });
    for (const directory of parentsOf(path)) directories.add(directory);
  }
  for (const path of hiddenPaths(content)) {
    // A text may also need the hidden file's path as a directory, or stand where its directory was.
    const displaced = files.has(path) || directories.has(path) || parentsOf(path).some((parent) => files.has(parent));
    const old = before.get(path);
    if (!displaced && old !== undefined) after.push(old);
  }
  return after.sort((a, b) => comparePaths(a.path, b.path));
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) parents.push(path.slice(0, at));
  return parents;
}

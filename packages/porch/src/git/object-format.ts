/**
 * Git's own encoding of trees, commits and tags.
 */

import type { CommitInfo, ObjectId, Signature, TreeEntry } from './types.ts';

const TREE_MODE = '40000';
const SUBMODULE_MODE = '160000';
/** Seconds since the epoch of the first moment of the year 1, and the last of the year 9999. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/** Decodes a tree. Names that are not UTF-8 have their wrong bytes replaced. */
export function decodeTree(bytes: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > bytes.length) throw new Error('the tree is cut off');
    const mode = bytes.toString('latin1', at, space);
    entries.push({
      path: bytes.toString('utf8', space + 1, end),
      mode: mode.padStart(6, '0'),
      type: mode === TREE_MODE || mode === `0${TREE_MODE}` ? 'tree' : mode === SUBMODULE_MODE ? 'commit' : 'blob',
      id: bytes.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

/** Decodes a commit. */
export function decodeCommit(id: ObjectId, bytes: Buffer): CommitInfo {
  const { headers, message } = decodeHeaders(bytes);
  const tree = headers.find(([name]) => name === 'tree')?.[1];
  if (tree === undefined) throw new Error('the commit has no tree');
  return {
    id,
    tree,
    parents: headers.filter(([name]) => name === 'parent').map(([, value]) => value),
    author: decodeSignature(headers.find(([name]) => name === 'author')?.[1] ?? ''),
    committer: decodeSignature(headers.find(([name]) => name === 'committer')?.[1] ?? ''),
    message,
  };
}

/** The object that an annotated tag names. */
export function decodeTagTarget(bytes: Buffer): ObjectId {
  const target = decodeHeaders(bytes).headers.find(([name]) => name === 'object')?.[1];
  if (target === undefined) throw new Error('the tag names no object');
  return target;
}

function decodeHeaders(bytes: Buffer): { headers: (readonly [string, string])[]; message: string } {
  const separator = bytes.indexOf('\n\n');
  const end = separator < 0 ? bytes.length : separator;
  const latin1 = /^encoding (iso-8859-1|latin-?1)$/im.test(bytes.toString('latin1', 0, end));
  const decode = (from: number, to: number) =>
    latin1 ? bytes.toString('latin1', from, to) : bytes.toString('utf8', from, to);
  const headers = decode(0, end)
    .split('\n')
    .filter((line) => !line.startsWith(' '))
    .map((line): readonly [string, string] => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)];
    });
  return { headers, message: separator < 0 ? '' : decode(end + 2, bytes.length) };
}

function decodeSignature(value: string): Signature {
  const match = /^(.*?) ?<([^>]*)> (-?\d+)/.exec(value);
  return {
    name: match?.[1] ?? '',
    email: match?.[2] ?? '',
    time: timeOf(Number(match?.[3] ?? 0)),
  };
}

/** Anybody may date a commit as he likes; times that cannot be written as RFC 3339 become the epoch. */
function timeOf(seconds: number): Date {
  return new Date(seconds >= firstSecond && seconds <= lastSecond ? seconds * 1000 : 0);
}

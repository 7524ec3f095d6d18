/**
 * Git's own encoding of trees, commits and tags.
 */

import { pathOfBytes } from './byte-path.ts';
import type { Author, CommitInfo, ObjectId, TreeEntry } from './types.ts';

const TREE_MODE = '40000';
const SUBMODULE_MODE = '160000';
const ID_BYTES = 20;
const ID_LENGTH = 40;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const LETTER_P = 0x70;
const DIGIT_ZERO = 0x30;
const treeBegins = 'tree ';
const parentBegins = 'parent ';
const authorBegins = 'author ';
const committerBegins = 'committer ';
/** More of the line of a header is not read: it would be kept with the address in it, for each of thousands of commits. */
const mostHeaderBytes = 4096;
/** Of an address: longer ones lead nowhere (RFC 5321, section 4.5.3.1), and it is shown with each revision of its author. */
const mostAddress = 320;
/** Seconds since the epoch of the first moment of the year 1, and the last of the year 9999. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/** Decodes a tree. For names that are not UTF-8 see `pathOfBytes`. */
export function decodeTree(bytes: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; at = entryAt(bytes, at).next) entries.push(decodeEntry(bytes, at));
  return entries;
}

/** The entry of a tree that has this name in ASCII; the others are not decoded. */
export function entryNamed(bytes: Buffer, name: string): TreeEntry | undefined {
  let at = 0;
  while (at < bytes.length) {
    const { space, end, next } = entryAt(bytes, at);
    if (end - space - 1 === name.length && bytes.toString('latin1', space + 1, end) === name)
      return decodeEntry(bytes, at);
    at = next;
  }
  return undefined;
}

/** Decodes the commit that begins at a place; a view of its own for each of thousands would take longer than much of this. */
export function decodeCommit(id: ObjectId, bytes: Buffer, start = 0): CommitInfo {
  const { tree, parents, author, committer, message } = usualCommit(bytes, start) ?? anyCommit(bytes.subarray(start));
  if (tree === undefined) throw new Error('the commit has no tree');
  return { id, tree, parents, author: decodeAuthor(author), committed: timeOfSignature(committer), message };
}

interface CommitParts {
  readonly tree: ObjectId | undefined;
  readonly parents: readonly ObjectId[];
  readonly author: string;
  readonly committer: string;
  readonly message: string;
}

/** A commit as Git itself writes it, without further headers: by far the most, and fast. Undefined for others. */
function usualCommit(bytes: Buffer, first: number): CommitParts | undefined {
  const treeStart = first + treeBegins.length;
  if (bytes.toString('latin1', first, treeStart) !== treeBegins) return undefined;
  let at = treeStart + ID_LENGTH;
  const tree = bytes.toString('latin1', treeStart, at);
  let parents: ObjectId[] | undefined;
  let author: string | undefined;
  while (bytes[at] === NEWLINE) {
    const start = at + 1;
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return undefined;
    if (bytes[start] === LETTER_P && author === undefined && end === start + parentBegins.length + ID_LENGTH) {
      const parent = bytes.toString('latin1', start + parentBegins.length, end);
      // A list that has grown by one would have room for seventeen, in each of thousands of commits.
      if (parents === undefined) parents = [parent];
      else parents.push(parent);
    } else {
      const line = bytes.toString('utf8', start, Math.min(end, start + mostHeaderBytes));
      if (author === undefined && line.startsWith(authorBegins)) author = line.slice(authorBegins.length);
      else if (author !== undefined && bytes[end + 1] === NEWLINE && line.startsWith(committerBegins)) {
        const committer = line.slice(committerBegins.length);
        return { tree, parents: parents ?? [], author, committer, message: bytes.toString('utf8', end + 2) };
      } else return undefined;
    }
    at = end;
  }
  return undefined;
}

/** A commit with any headers, in any order. */
function anyCommit(bytes: Buffer): CommitParts {
  const { headers, message } = decodeHeaders(bytes);
  const first = (name: string) => headers.find(([one]) => one === name)?.[1];
  return {
    tree: first('tree'),
    parents: headers.filter(([name]) => name === 'parent').map(([, value]) => value),
    author: first('author') ?? '',
    committer: first('committer') ?? '',
    message,
  };
}

/** The object that an annotated tag names. */
export function decodeTagTarget(bytes: Buffer): ObjectId {
  const target = decodeHeaders(bytes).headers.find(([name]) => name === 'object')?.[1];
  if (target === undefined) throw new Error('the tag names no object');
  return target;
}

/** Where an entry of a tree begins and what it is made of. */
function entryAt(bytes: Buffer, at: number): { readonly space: number; readonly end: number; readonly next: number } {
  const space = bytes.indexOf(SPACE, at);
  const end = bytes.indexOf(0, space);
  const next = end + 1 + ID_BYTES;
  if (space < 0 || end < 0 || next > bytes.length) throw new Error('the tree is cut off');
  return { space, end, next };
}

function decodeEntry(bytes: Buffer, at: number): TreeEntry {
  const { space, end, next } = entryAt(bytes, at);
  const mode = bytes.toString('latin1', at, space);
  return {
    path: pathOfBytes(bytes, space + 1, end),
    mode: mode.padStart(6, '0'),
    type: mode === TREE_MODE || mode === `0${TREE_MODE}` ? 'tree' : mode === SUBMODULE_MODE ? 'commit' : 'blob',
    id: bytes.toString('hex', end + 1, next),
  };
}

/** Each text is decoded by itself: a part of a longer one would keep all of it in memory. */
function decodeHeaders(bytes: Buffer): { headers: (readonly [string, string])[]; message: string } {
  const lines: (readonly [name: string, from: number, to: number])[] = [];
  let latin1 = false;
  let at = 0;
  while (at < bytes.length && bytes[at] !== NEWLINE) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const space = bytes.indexOf(SPACE, at);
    if (space > at && space < end) {
      const name = bytes.toString('latin1', at, space);
      lines.push([name, space + 1, end]);
      if (name === 'encoding') latin1 = /^(iso-8859-1|latin-?1)$/i.test(bytes.toString('latin1', space + 1, end));
    }
    at = end + 1;
  }
  const decode = (from: number, to: number) => bytes.toString(latin1 ? 'latin1' : 'utf8', from, to);
  return {
    headers: lines.map(([name, from, to]): readonly [string, string] => [
      name,
      decode(from, Math.min(to, from + mostHeaderBytes)),
    ]),
    message: decode(Math.min(at + 1, bytes.length), bytes.length),
  };
}

function decodeAuthor(signature: string): Author {
  const { open, close, seconds } = partsOf(signature);
  return { email: signature.slice(open + 1, Math.min(close, open + 1 + mostAddress)), time: timeOf(seconds) };
}

function timeOfSignature(signature: string): number {
  return timeOf(partsOf(signature).seconds);
}

/** Where the brackets around the address are, and the time behind them in seconds. */
interface SignatureParts {
  readonly open: number;
  readonly close: number;
  readonly seconds: number;
}

function partsOf(signature: string): SignatureParts {
  const open = signature.indexOf('<');
  const close = signature.indexOf('> ', open);
  const seconds = secondsAt(signature, close + 2);
  // A name or an address may have brackets in it.
  const isUsual = open >= 0 && close >= 0 && signature.indexOf('>', open) === close;
  return isUsual && seconds !== undefined ? { open, close, seconds } : partsOfOdd(signature);
}

/** The number that stands at a place, digit by digit: of thousands of commits, a pattern and the texts for it take longer than all the rest. */
function secondsAt(value: string, at: number): number | undefined {
  const isNegative = value[at] === '-';
  let seconds: number | undefined;
  for (let index = isNegative ? at + 1 : at; index < value.length; index++) {
    const digit = value.charCodeAt(index) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) break;
    seconds = (seconds ?? 0) * 10 + digit;
  }
  return isNegative && seconds !== undefined ? -seconds : seconds;
}

/** By the first brackets that a time follows, in one pass: a line may be megabytes of brackets. */
function partsOfOdd(signature: string): SignatureParts {
  let open = signature.indexOf('<');
  let start = 0;
  for (let close = signature.indexOf('>'); close >= 0; close = signature.indexOf('>', start)) {
    if (open < start) open = signature.indexOf('<', start);
    if (open < 0) break;
    const seconds = open < close && signature[close + 1] === ' ' ? secondsAt(signature, close + 2) : undefined;
    if (seconds !== undefined) return { open, close, seconds };
    start = close + 1;
  }
  return { open: -1, close: 0, seconds: 0 };
}

/** Anybody may date a commit as he likes; times that cannot be written as RFC 3339 become the epoch. */
function timeOf(seconds: number): number {
  return seconds >= firstSecond && seconds <= lastSecond ? seconds * 1000 : 0;
}

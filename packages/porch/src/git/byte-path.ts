/**
 * Names in trees are bytes. Those that are not UTF-8 are kept: each byte that is no part of a character is half of a surrogate pair in the
 * text that stands for the name. No text in UTF-8 has one, so it can be told from others, and turned back.
 */

import { isUtf8 } from 'node:buffer';

const escapes = 0xdc00;
/** With this flag halves are found that stand alone. */
const escaped = /[\udc80-\udcff]/gu;
/** What a decoder puts in place of bytes that are not UTF-8; it may also be in the name. */
const replacement = '\ufffd';

/** The text that stands for the name in `bytes` from `start` to `end`. */
export function pathOfBytes(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes(replacement) || isUtf8(bytes.subarray(start, end))) return text;
  let path = '';
  for (let at = start; at < end; ) {
    const byte = bytes[at] ?? 0;
    const character = bytes.subarray(at, Math.min(at + lengthAfter(byte), end));
    const isWhole = isUtf8(character);
    path += isWhole ? character.toString() : String.fromCharCode(escapes + byte);
    at += isWhole ? character.length : 1;
  }
  return path;
}

/** Length of a character of UTF-8 that begins with a byte. */
function lengthAfter(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/** The bytes that a text of `pathOfBytes` stands for. */
export function bytesOfPath(path: string): Buffer {
  if (path.isWellFormed()) return Buffer.from(path);
  const parts: Buffer[] = [];
  let start = 0;
  for (const { 0: half, index } of path.matchAll(escaped)) {
    parts.push(Buffer.from(path.slice(start, index)), Buffer.from([half.charCodeAt(0) - escapes]));
    start = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(path.slice(start))]);
}

/** The same text with those bytes as backslashes and octal numbers, as Git reads them in quotes. */
export function withOctalBytes(path: string): string {
  return path.replace(escaped, (half) => `\\${(half.charCodeAt(0) - escapes).toString(8)}`);
}

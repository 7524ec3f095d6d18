import type { Budget } from '../limits.ts';

/** Up to this length of what is wanted, the engine's own search is used: it takes time that grows with both lengths. */
const shortEnough = 64;

/** Where a text first stands within another, at a place or after it; -1 where it does not. Takes time that grows with the lengths' sum. */
export function firstOccurrence(text: string, wanted: string, from: number, budget: Budget): number {
  if (wanted.length <= shortEnough) {
    const found = text.indexOf(wanted, from);
    budget.step(((found < 0 ? text.length : found) - from) >>> 3);
    return found;
  }
  const found = search(
    text.length - from,
    (at) => text.charCodeAt(from + at),
    wanted.length,
    (at) => wanted.charCodeAt(at),
    budget,
  );
  return found < 0 ? -1 : from + found;
}

/** Where a text last stands within another; -1 where it does not. */
export function lastOccurrence(text: string, wanted: string, budget: Budget): number {
  if (wanted.length <= shortEnough) {
    budget.step(text.length >>> 3);
    return text.lastIndexOf(wanted);
  }
  const { length } = text;
  const found = search(
    length,
    (at) => text.charCodeAt(length - 1 - at),
    wanted.length,
    (at) => wanted.charCodeAt(wanted.length - 1 - at),
    budget,
  );
  return found < 0 ? -1 : length - found - wanted.length;
}

/** Where a text stands within another, from left to right, no two of them overlapping. */
export function* occurrences(text: string, wanted: string, budget: Budget): Generator<number> {
  let at = firstOccurrence(text, wanted, 0, budget);
  while (at >= 0) {
    yield at;
    at = firstOccurrence(text, wanted, at + wanted.length, budget);
  }
}

/** Whether bytes stand within others, one after the other. Takes time that grows with the lengths' sum. */
export function holdsBytes(bytes: Uint8Array, wanted: Uint8Array, budget: Budget): boolean {
  if (wanted.length > shortEnough) {
    return (
      search(
        bytes.length,
        (at) => bytes[at] ?? 0,
        wanted.length,
        (at) => wanted[at] ?? 0,
        budget,
      ) >= 0
    );
  }
  budget.step(bytes.length >>> 3);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(wanted);
}

type CodeAt = (position: number) => number;

/** The search of Knuth, Morris and Pratt, which never looks back. */
function search(length: number, codeAt: CodeAt, wantedLength: number, wantedAt: CodeAt, budget: Budget): number {
  if (wantedLength > length) return -1;
  budget.step(wantedLength);
  budget.allocate(4 * wantedLength);
  /** For each prefix of what is wanted, the length of its longest proper prefix that it ends with. */
  const borders = new Uint32Array(wantedLength);
  for (let at = 1, border = 0; at < wantedLength; at++) {
    while (border > 0 && wantedAt(at) !== wantedAt(border)) border = borders[border - 1] ?? 0;
    if (wantedAt(at) === wantedAt(border)) border += 1;
    borders[at] = border;
  }
  for (let at = 0, matched = 0; at < length; at++) {
    while (matched > 0 && codeAt(at) !== wantedAt(matched)) matched = borders[matched - 1] ?? 0;
    if (codeAt(at) === wantedAt(matched)) matched += 1;
    if (matched !== wantedLength) continue;
    budget.step(at);
    return at - wantedLength + 1;
  }
  budget.step(length);
  return -1;
}

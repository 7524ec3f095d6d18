import { firstOccurrence, lastOccurrence, occurrences } from '../../operators/text-search.ts';
import { List } from '../../values/list.ts';
import { Tuple } from '../../values/tuple.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods that cut a string into parts. */
export const splitMethods = {
  partition(text, args) {
    const separator = separatorOf(args);
    const at = firstOccurrence(text, separator, 0, args.budget);
    if (at < 0) return new Tuple([text, '', '']);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  rpartition(text, args) {
    const separator = separatorOf(args);
    const at = lastOccurrence(text, separator, args.budget);
    if (at < 0) return new Tuple(['', '', text]);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  rsplit(text, args) {
    const { separator, most } = splitArguments(args);
    if (separator === undefined) return new List(rsplitSpace(text, most, args));
    const places = [...counted(args, occurrences(text, separator, args.budget))];
    const kept = most < 0 ? places : places.slice(Math.max(0, places.length - most));
    return new List(cut(text, kept, separator.length, -1, args));
  },
  split(text, args) {
    const { separator, most } = splitArguments(args);
    if (separator === undefined) return new List(splitSpace(text, most, args));
    return new List(cut(text, occurrences(text, separator, args.budget), separator.length, most, args));
  },
  splitlines(text, args) {
    const [keep] = args.unpack('keepends?');
    const keepsEnds = args.bool('keepends', keep, false);
    const lines: string[] = [];
    const add = (start: number, end: number) => lines.push(part(text, start, end, args));
    const end = /\r\n|\r|\n/g;
    let at = 0;
    for (let match = end.exec(text); match !== null; match = end.exec(text)) {
      add(at, keepsEnds ? end.lastIndex : match.index);
      at = end.lastIndex;
    }
    if (at < text.length) add(at, text.length);
    return new List(lines);
  },
} satisfies Readonly<Record<string, Method<string>>>;

function separatorOf(args: Arguments): string {
  const separator = args.string('sep', args.unpack('sep')[0]);
  if (separator === '') throw args.error('empty separator');
  return separator;
}

function splitArguments(args: Arguments): { separator: string | undefined; most: number } {
  const [sep, maxsplit] = args.unpack('sep??', 'maxsplit??');
  const separator = sep === undefined ? undefined : args.string('sep', sep);
  if (separator === '') throw args.error('empty separator');
  return { separator, most: args.count('maxsplit', maxsplit, -1) };
}

/** A part of a text, counted. */
function part(text: string, start: number, end: number, args: Arguments): string {
  args.budget.step(1);
  args.budget.text(end - start);
  args.budget.allocate(16);
  return text.slice(start, end);
}

/** The parts of a text between the places where a separator stands; unless negative, `most` is how many of those count. */
function cut(text: string, places: Iterable<number>, separatorLength: number, most: number, args: Arguments): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const place of places) {
    if (parts.length === most) break;
    parts.push(part(text, start, place, args));
    start = place + separatorLength;
  }
  parts.push(part(text, start, text.length, args));
  return parts;
}

function* counted<T>(args: Arguments, values: Iterable<T>): Generator<T> {
  for (const value of values) {
    args.budget.step(1);
    args.budget.allocate(80);
    yield value;
  }
}

/** Where the words of a text start and end. */
function* words(text: string, args: Arguments): Generator<readonly [start: number, end: number]> {
  args.budget.step(text.length >>> 2);
  const word = /\P{White_Space}+/gu;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) yield [match.index, word.lastIndex];
}

function splitSpace(text: string, most: number, args: Arguments): string[] {
  const parts: string[] = [];
  for (const [start, end] of words(text, args)) {
    const isLast = parts.length === most;
    parts.push(part(text, start, isLast ? text.length : end, args));
    if (isLast) break;
  }
  return parts;
}

function rsplitSpace(text: string, most: number, args: Arguments): string[] {
  const places = [...counted(args, words(text, args))];
  const first = most < 0 ? 0 : Math.max(0, places.length - most);
  const parts = places.slice(first).map(([start, end]) => part(text, start, end, args));
  const head = places[first - 1];
  return head === undefined ? parts : [part(text, 0, head[1], args), ...parts];
}

import { List } from '../../values/list.ts';
import { Tuple } from '../../values/tuple.ts';
import type { Value } from '../../values/value.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods that cut a string into parts. */
export const splitMethods = {
  partition(text, args) {
    const separator = separatorOf(args);
    const at = text.indexOf(separator);
    if (at < 0) return new Tuple([text, '', '']);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  rpartition(text, args) {
    const separator = separatorOf(args);
    const at = text.lastIndexOf(separator);
    if (at < 0) return new Tuple(['', '', text]);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
  rsplit(text, args) {
    const { separator, most } = splitArguments(text, args);
    if (separator === undefined) return listOf(args, rsplitSpace(text, most));
    const parts = text.split(separator);
    if (most < 0 || parts.length <= most + 1) return listOf(args, parts);
    const kept = parts.length - most;
    return listOf(args, [parts.slice(0, kept).join(separator), ...parts.slice(kept)]);
  },
  split(text, args) {
    const { separator, most } = splitArguments(text, args);
    if (separator === undefined) return listOf(args, splitSpace(text, most));
    const parts = text.split(separator);
    if (most < 0 || parts.length <= most + 1) return listOf(args, parts);
    return listOf(args, [...parts.slice(0, most), parts.slice(most).join(separator)]);
  },
  splitlines(text, args) {
    const [keep] = args.unpack('keepends?');
    const keepsEnds = args.bool('keepends', keep, false);
    args.budget.step(text.length);
    const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
    return listOf(args, keepsEnds ? lines : lines.map((line) => line.replace(/\r?\n$|\r$/, '')));
  },
} satisfies Readonly<Record<string, Method<string>>>;

function separatorOf(args: Arguments): string {
  const separator = args.string('sep', args.unpack('sep')[0]);
  if (separator === '') throw args.error('empty separator');
  return separator;
}

function splitArguments(text: string, args: Arguments): { separator: string | undefined; most: number } {
  const [sep, maxsplit] = args.unpack('sep??', 'maxsplit??');
  args.budget.text(text.length);
  args.budget.step(text.length >>> 2);
  const separator = sep === undefined ? undefined : args.string('sep', sep);
  if (separator === '') throw args.error('empty separator');
  return { separator, most: args.count('maxsplit', maxsplit, -1) };
}

function listOf(args: Arguments, parts: readonly Value[]): List {
  args.budget.elements(parts.length);
  return new List([...parts]);
}

function splitSpace(text: string, most: number): string[] {
  const words = text.replace(/^\p{White_Space}+/u, '');
  const parts: string[] = [];
  const space = /\p{White_Space}+/gu;
  let at = 0;
  while (most < 0 || parts.length < most) {
    const match = space.exec(words);
    if (match === null) break;
    parts.push(words.slice(at, match.index));
    at = space.lastIndex;
  }
  if (at < words.length) parts.push(words.slice(at));
  return parts;
}

function rsplitSpace(text: string, most: number): string[] {
  const words = [...text.matchAll(/\P{White_Space}+/gu)];
  const kept = most < 0 ? 0 : words.length - most;
  if (kept <= 0) return words.map(([word]) => word);
  const last = words[kept - 1];
  if (last === undefined) return [];
  const head = text.slice(0, last.index + last[0].length);
  return [head, ...words.slice(kept).map(([word]) => word)];
}

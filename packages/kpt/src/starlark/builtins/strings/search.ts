import { sliceRange } from '../../operators/index-slice.ts';
import { firstOccurrence, lastOccurrence, occurrences } from '../../operators/text-search.ts';
import { Tuple } from '../../values/tuple.ts';
import { typeName, type Value } from '../../values/value.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods that look for a text within another. */
export const searchMethods = {
  count(text, args) {
    const { part, wanted } = searched(text, args);
    if (wanted === '') return part.length + 1;
    let count = 0;
    for (const _ of occurrences(part, wanted, args.budget)) {
      args.budget.step(1);
      count += 1;
    }
    return count;
  },
  endswith: (text, args) => hasAffix(text, args, (part, affix) => part.endsWith(affix)),
  find: (text, args) => found(text, args, false) ?? -1,
  index(text, args) {
    const position = found(text, args, false);
    if (position === undefined) throw args.error('substring not found');
    return position;
  },
  replace(text, args) {
    const [from, to, count] = args.unpack('old', 'new', 'count??');
    const [old, replacement] = [args.string('old', from), args.string('new', to)];
    const most = args.count('count', count, -1);
    if (most === 0) return text;
    return old === '' ? spread(text, replacement, most, args) : replaced(text, old, replacement, most, args);
  },
  rfind: (text, args) => found(text, args, true) ?? -1,
  rindex(text, args) {
    const position = found(text, args, true);
    if (position === undefined) throw args.error('substring not found');
    return position;
  },
  startswith: (text, args) => hasAffix(text, args, (part, affix) => part.startsWith(affix)),
} satisfies Readonly<Record<string, Method<string>>>;

function searched(text: string, args: Arguments): { part: string; wanted: string; from: number } {
  const [sub, start, end] = args.unpack('sub', 'start??', 'end??');
  const wanted = args.string('sub', sub);
  const [from, to] = sliceRange(text.length, start, end);
  return { part: text.slice(from, Math.max(from, to)), wanted, from };
}

function found(text: string, args: Arguments, last: boolean): number | undefined {
  const { part, wanted, from } = searched(text, args);
  const position = last ? lastOccurrence(part, wanted, args.budget) : firstOccurrence(part, wanted, 0, args.budget);
  return position < 0 ? undefined : position + from;
}

function hasAffix(text: string, args: Arguments, test: (text: string, affix: string) => boolean): boolean {
  const [affixes, start, end] = args.unpack('affix', 'start??', 'end??');
  const [from, to] = sliceRange(text.length, start, end);
  const part = text.slice(from, Math.max(from, to));
  return affixList(args, affixes).some((affix) => {
    args.budget.step(1 + (affix.length >>> 4));
    return test(part, affix);
  });
}

function affixList(args: Arguments, value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!(value instanceof Tuple)) throw args.error(`got ${typeName(value ?? null)}, want string or tuple of string`);
  args.budget.step(value.items.length);
  return value.items.map((item, index) => {
    if (typeof item === 'string') return item;
    throw args.error(`want string, got ${typeName(item)}, for element ${index}`);
  });
}

function replaced(text: string, old: string, replacement: string, most: number, args: Arguments): string {
  const parts: string[] = [];
  let start = 0;
  for (const at of occurrences(text, old, args.budget)) {
    if (most >= 0 && parts.length === most) break;
    args.budget.text(at - start + replacement.length);
    parts.push(text.slice(start, at));
    start = at + old.length;
  }
  if (parts.length === 0) return text;
  args.budget.text(text.length - start);
  parts.push(text.slice(start));
  return parts.join(replacement);
}

/** Puts a text before each character and after the last. */
function spread(text: string, replacement: string, most: number, args: Arguments): string {
  let result = '';
  let count = 0;
  const add = (part: string) => {
    const isMore = most < 0 || count < most;
    args.budget.text(part.length + (isMore ? replacement.length : 0));
    result += isMore ? replacement + part : part;
    count += 1;
  };
  for (const character of text) add(character);
  add('');
  return result;
}

import { sliceRange } from '../../operators/index-slice.ts';
import { Tuple } from '../../values/tuple.ts';
import { typeName, type Value } from '../../values/value.ts';
import type { Arguments } from '../arguments.ts';
import type { Method } from '../method-table.ts';

/** Methods that look for a text within another. */
export const searchMethods = {
  count(text, args) {
    const { part, wanted } = searched(text, args);
    if (wanted === '') return part.length + 1;
    return part.split(wanted).length - 1;
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
    if (old === '') {
      args.budget.text(text.length * (1 + replacement.length));
      return spread([...text], replacement, most);
    }
    const parts = text.split(old);
    args.budget.text(text.length + parts.length * replacement.length);
    return joinFirst(parts, old, replacement, most);
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
  args.budget.step(text.length >>> 2);
  return { part: text.slice(from, Math.max(from, to)), wanted, from };
}

function found(text: string, args: Arguments, last: boolean): number | undefined {
  const { part, wanted, from } = searched(text, args);
  const position = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
  return position < 0 ? undefined : position + from;
}

function hasAffix(text: string, args: Arguments, test: (text: string, affix: string) => boolean): boolean {
  const [affixes, start, end] = args.unpack('affix', 'start??', 'end??');
  const [from, to] = sliceRange(text.length, start, end);
  const part = text.slice(from, Math.max(from, to));
  return affixList(args, affixes).some((affix) => test(part, affix));
}

function affixList(args: Arguments, value: Value | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!(value instanceof Tuple)) throw args.error(`got ${typeName(value ?? null)}, want string or tuple of string`);
  return value.items.map((item, index) => {
    if (typeof item === 'string') return item;
    throw args.error(`want string, got ${typeName(item)}, for element ${index}`);
  });
}

function joinFirst(parts: readonly string[], old: string, replacement: string, most: number): string {
  if (most < 0 || most >= parts.length - 1) return parts.join(replacement);
  return [...parts.slice(0, most), parts.slice(most).join(old)].join(replacement);
}

/** Puts a text before each character and after the last. */
function spread(parts: readonly string[], replacement: string, most: number): string {
  const limit = most < 0 ? parts.length + 1 : most;
  let result = '';
  for (const [index, part] of parts.entries()) result += (index < limit ? replacement : '') + part;
  return parts.length < limit ? result + replacement : result;
}

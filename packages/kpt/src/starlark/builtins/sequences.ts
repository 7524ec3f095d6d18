import { sizes } from '../limits.ts';
import { intOperation } from '../operators/integers.ts';
import { compare } from '../operators/order.ts';
import type { BuiltinBody } from '../values/builtin.ts';
import { List } from '../values/list.ts';
import { Tuple } from '../values/tuple.ts';
import { isTrue, iterated, typeName, type Value } from '../values/value.ts';
import type { Arguments } from './arguments.ts';

/** Functions on the elements of a value. */
export const sequences = {
  all(args) {
    for (const element of args.iterable('iterable', args.unnamed(1, 1)[0])) if (!isTrue(element)) return false;
    return true;
  },
  any(args) {
    for (const element of args.iterable('iterable', args.unnamed(1, 1)[0])) if (isTrue(element)) return true;
    return false;
  },
  enumerate(args) {
    const [iterable, first] = args.unpack('iterable', 'start?');
    const start = first === undefined ? 0 : args.int('start', first);
    const elements = args.elements('iterable', iterable);
    args.budget.step(elements.length);
    args.budget.allocate((sizes.list + 64) * elements.length);
    const number = (index: number) => intOperation('+', start, index, args.budget);
    return new List(elements.map((element, index) => new Tuple([number(index), element])));
  },
  len(args) {
    const [value = null] = args.unnamed(1, 1);
    const length =
      typeof value === 'string' ? value.length : value !== null && typeof value === 'object' ? value.length : undefined;
    if (length === undefined) throw args.error(`value of type ${typeName(value)} has no len`);
    return length;
  },
  max: (args) => extreme(args, 1),
  min: (args) => extreme(args, -1),
  reversed: (args) => new List(args.elements('sequence', args.unnamed(1, 1)[0]).reverse()),
  sorted(args) {
    const [iterable, key, reverse] = args.unpack('iterable', 'key?', 'reverse?');
    const sign = args.bool('reverse', reverse, false) ? -1 : 1;
    const elements = args.elements('iterable', iterable);
    const keyed = withKeys(args, elements, key);
    keyed.sort((a, b) => {
      args.budget.step(1);
      return sign * compare(a.key, b.key, '<', args.budget, 0);
    });
    return new List(keyed.map(({ value }) => value));
  },
  zip(args) {
    args.noNames();
    const columns = args.positional.map((value, index) => {
      if (iterated(value) === undefined) throw args.error(`argument #${index + 1} is not iterable: ${typeName(value)}`);
      return args.elements(`argument #${index + 1}`, value);
    });
    const shortest = columns.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
    const length = columns.length === 0 ? 0 : shortest;
    args.budget.elements(length * columns.length);
    args.budget.allocate((sizes.list + 16) * length);
    return new List(Array.from({ length }, (_, row) => new Tuple(columns.map((column) => column[row] ?? null))));
  },
} satisfies Readonly<Record<string, BuiltinBody>>;

interface Keyed {
  readonly key: Value;
  readonly value: Value;
}

function withKeys(args: Arguments, elements: readonly Value[], key: Value | undefined): Keyed[] {
  args.budget.elements(elements.length);
  if (key === undefined) return elements.map((value) => ({ key: value, value }));
  args.callable('key', key);
  return elements.map((value) => ({ key: args.call(key, value), value }));
}

/** The largest (1) or smallest (-1) element; the first of equal ones. */
function extreme(args: Arguments, sign: 1 | -1): Value {
  const key = args.named.find(([name]) => name === 'key')?.[1];
  const unknown = args.named.find(([name]) => name !== 'key')?.[0];
  if (unknown !== undefined) throw args.error(`unexpected keyword argument "${unknown}"`);
  if (args.positional.length === 0) throw args.error('at least one positional argument is required');
  const [first = null] = args.positional;
  const isOne = args.positional.length === 1;
  if (isOne && iterated(first) === undefined) throw args.error(`${typeName(first)} value is not iterable`);
  const elements = isOne ? args.elements('iterable', first) : args.positional;
  let best: Keyed | undefined;
  for (const candidate of withKeys(args, elements, key)) {
    args.budget.step(1);
    if (best === undefined || sign * compare(candidate.key, best.key, sign > 0 ? '>' : '<', args.budget, 0) > 0) {
      best = candidate;
    }
  }
  if (best === undefined) throw args.error('argument is an empty sequence');
  return best.value;
}

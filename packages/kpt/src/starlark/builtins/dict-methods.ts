import { sizes } from '../limits.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { repr } from '../values/repr.ts';
import { Tuple } from '../values/tuple.ts';
import { iterated, typeName, type Value } from '../values/value.ts';
import type { Arguments } from './arguments.ts';
import { methodTable } from './method-table.ts';

/** The methods of dicts. */
export const dictMethods = methodTable<Dict>({
  clear(dict, args) {
    args.unnamed(0, 0);
    dict.table.clear();
    return null;
  },
  get(dict, args) {
    const [key = null, otherwise = null] = args.unpack('key', 'default?');
    const value = dict.get(key, args.budget);
    return value === undefined ? otherwise : value;
  },
  items(dict, args) {
    args.unnamed(0, 0);
    args.budget.elements(dict.length);
    args.budget.allocate((sizes.list + 32) * dict.length);
    return new List(Array.from(dict.entries(), ([key, value]) => new Tuple([key, value])));
  },
  keys(dict, args) {
    args.unnamed(0, 0);
    args.budget.elements(dict.length);
    return new List([...dict.iterate()]);
  },
  pop(dict, args) {
    const [key = null, otherwise] = args.unpack('key', 'default?');
    const value = dict.table.delete(key, args.budget);
    if (value !== undefined) return value;
    if (otherwise === undefined) throw args.error(`missing key ${repr(key, args.budget)}`);
    return otherwise;
  },
  popitem(dict, args) {
    args.unnamed(0, 0);
    const entry = dict.table.shift();
    if (entry === undefined) throw args.error('empty dict');
    return new Tuple(entry);
  },
  setdefault(dict, args) {
    const [key = null, otherwise = null] = args.unpack('key', 'default?');
    const value = dict.get(key, args.budget);
    if (value !== undefined) return value;
    dict.set(key, otherwise, args.budget);
    return otherwise;
  },
  update(dict, args) {
    updateDict(dict, args);
    return null;
  },
  values(dict, args) {
    args.unnamed(0, 0);
    args.budget.elements(dict.length);
    return new List(Array.from(dict.entries(), ([, value]) => value));
  },
});

/** Adds what `dict(…)` and `dict.update(…)` take: a mapping or pairs, then arguments by name. */
export function updateDict(dict: Dict, args: Arguments): void {
  if (args.positional.length > 1) throw args.error(`got ${args.positional.length} arguments, want at most 1`);
  const [source] = args.positional;
  dict.table.checkMutable('insert into');
  if (source instanceof Dict) {
    for (const [key, value] of source === dict ? [...source.entries()] : source.entries()) {
      args.budget.step(1);
      dict.set(key, value, args.budget);
    }
  } else if (source !== undefined) {
    let index = 0;
    for (const pair of args.iterable('pairs', source)) {
      const [key, value] = pairOf(args, pair, index);
      dict.set(key, value, args.budget);
      index += 1;
    }
  }
  for (const [name, value] of args.named) dict.set(name, value, args.budget);
}

function pairOf(args: Arguments, pair: Value, index: number): [Value, Value] {
  if (iterated(pair) === undefined) {
    throw args.error(`dictionary update sequence element #${index} is not iterable (${typeName(pair)})`);
  }
  const values = args.elements('pairs', pair);
  if (values.length !== 2) {
    throw args.error(`dictionary update sequence element #${index} has length ${values.length}, want 2`);
  }
  return [values[0] ?? null, values[1] ?? null];
}

import { difference, intersection, isSubset, symmetricDifference, union } from '../operators/set-algebra.ts';
import { StarlarkSet } from '../values/set.ts';
import type { Value } from '../values/value.ts';
import type { Arguments } from './arguments.ts';
import { methodTable } from './method-table.ts';

/** The methods of sets. */
export const setMethods = methodTable<StarlarkSet>({
  add(set, args) {
    const [element = null] = args.unnamed(1, 1);
    // What is there already changes nothing, also while a loop runs.
    if (!set.has(element, args.budget)) set.add(element, args.budget);
    return null;
  },
  clear(set, args) {
    args.unnamed(0, 0);
    set.table.clear();
    return null;
  },
  difference: (set, args) => difference(set, others(args), args.budget),
  difference_update: (set, args) => replace(set, difference(set, others(args), args.budget), 'delete from', args),
  discard(set, args) {
    const [element = null] = args.unnamed(1, 1);
    if (set.has(element, args.budget)) set.table.delete(element, args.budget);
    return null;
  },
  intersection: (set, args) => intersection(set, others(args), args.budget),
  intersection_update: (set, args) => replace(set, intersection(set, others(args), args.budget), 'delete from', args),
  isdisjoint(set, args) {
    for (const element of args.iterable('other', args.unnamed(1, 1)[0]))
      if (set.has(element, args.budget)) return false;
    return true;
  },
  issubset: (set, args) => isSubset(set, other(args), args.budget),
  issuperset: (set, args) => isSubset(other(args), set, args.budget),
  pop(set, args) {
    args.unnamed(0, 0);
    const entry = set.table.shift();
    if (entry === undefined) throw args.error('empty set');
    return entry[0];
  },
  remove(set, args) {
    const [element = null] = args.unnamed(1, 1);
    if (set.table.delete(element, args.budget) === undefined) throw args.error('missing key');
    return null;
  },
  symmetric_difference: (set, args) => symmetricDifference(set, other(args).iterate(), args.budget),
  symmetric_difference_update: (set, args) =>
    replace(set, symmetricDifference(set, other(args).iterate(), args.budget), 'insert into', args),
  union: (set, args) => union(set, others(args), args.budget),
  update(set, args) {
    set.table.checkMutable('insert into');
    for (const elements of others(args)) for (const element of elements) set.add(element, args.budget);
    return null;
  },
});

function others(args: Arguments): Value[][] {
  args.noNames();
  return args.positional.map((value, index) => args.elements(String(index + 1), value));
}

function other(args: Arguments): StarlarkSet {
  return StarlarkSet.of(args.iterable('1', args.unnamed(1, 1)[0]), args.budget);
}

function replace(set: StarlarkSet, wanted: StarlarkSet, verb: string, args: Arguments): null {
  set.table.checkMutable(verb);
  set.table.clear();
  for (const element of wanted.iterate()) set.add(element, args.budget);
  return null;
}

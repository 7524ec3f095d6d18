import type { Budget } from '../limits.ts';
import { StarlarkSet } from '../values/set.ts';
import type { Value } from '../values/value.ts';

/** Whether all elements of one set are in another. */
export function isSubset(a: StarlarkSet, b: StarlarkSet, budget: Budget): boolean {
  if (a.length > b.length) return false;
  for (const element of a.iterate()) {
    budget.step(4);
    if (!b.has(element, budget)) return false;
  }
  return true;
}

/** The elements of a set, then those of others. */
export function union(a: StarlarkSet, others: readonly Iterable<Value>[], budget: Budget): StarlarkSet {
  const result = StarlarkSet.of(a.iterate(), budget);
  for (const other of others) for (const element of other) result.add(element, budget);
  return result;
}

/** The elements of a set that are in all others, in the order of the first. */
export function intersection(a: StarlarkSet, others: readonly Iterable<Value>[], budget: Budget): StarlarkSet {
  let result = a;
  for (const other of others) {
    const allowed = StarlarkSet.of(other, budget);
    const kept = StarlarkSet.of([], budget);
    for (const element of result.iterate()) if (allowed.has(element, budget)) kept.add(element, budget);
    result = kept;
  }
  return result === a ? StarlarkSet.of(a.iterate(), budget) : result;
}

/** The elements of a set that are in none of the others. */
export function difference(a: StarlarkSet, others: readonly Iterable<Value>[], budget: Budget): StarlarkSet {
  const result = StarlarkSet.of(a.iterate(), budget);
  for (const other of others) {
    for (const element of other) {
      budget.step(1);
      result.table.delete(element, budget);
    }
  }
  return result;
}

/** The elements that are in one of two sets but not in both. */
export function symmetricDifference(a: StarlarkSet, b: Iterable<Value>, budget: Budget): StarlarkSet {
  const second = StarlarkSet.of(b, budget);
  const result = difference(a, [second.iterate()], budget);
  for (const element of second.iterate()) if (!a.has(element, budget)) result.add(element, budget);
  return result;
}

import type { Budget } from '../limits.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import type { Value } from '../values/value.ts';
import { isSubset } from './set-algebra.ts';

/** Whether two values are equal. An int equals a float of the same amount; a bool equals only a bool. */
export function equals(a: Value, b: Value, budget: Budget, depth = 0): boolean {
  if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) budget.step(a.length >>> 4);
  if (a === b) return true;
  if (typeof a !== 'object' && typeof b !== 'object') return false;
  if (a === null || b === null) return false;
  if (a instanceof Float || b instanceof Float) return equalNumbers(a, b);
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  budget.step(4);
  budget.nesting(depth);
  if (a instanceof List) return b instanceof List && equalItems(a.items, b.items, budget, depth);
  if (a instanceof Tuple) return b instanceof Tuple && equalItems(a.items, b.items, budget, depth);
  if (a instanceof Dict) return b instanceof Dict && equalDicts(a, b, budget, depth);
  if (a instanceof StarlarkSet) {
    return b instanceof StarlarkSet && a.length === b.length && isSubset(a, b, budget);
  }
  if (a instanceof Bytes && b.length === a.length) budget.step(a.length >>> 4);
  return a.equals(b, (one, other) => equals(one, other, budget, depth + 1));
}

function equalNumbers(a: Value, b: Value): boolean {
  const one = a instanceof Float ? a.value : a;
  const other = b instanceof Float ? b.value : b;
  // The comparison of a bigint with a number by == is exact.
  if (typeof one === 'bigint' || typeof other === 'bigint') {
    // biome-ignore lint/suspicious/noDoubleEquals: === never holds between a bigint and a number
    return (typeof one === 'number' || typeof other === 'number') && one == other;
  }
  if (typeof one !== 'number' || typeof other !== 'number') return false;
  return one === other || (Number.isNaN(one) && Number.isNaN(other));
}

function equalItems(a: readonly Value[], b: readonly Value[], budget: Budget, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    budget.step(1);
    if (!equals(a[index] ?? null, b[index] ?? null, budget, depth + 1)) return false;
  }
  return true;
}

function equalDicts(a: Dict, b: Dict, budget: Budget, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (const [key, value] of a.entries()) {
    budget.step(1);
    const other = b.get(key, budget);
    if (other === undefined || !equals(value, other, budget, depth + 1)) return false;
  }
  return true;
}

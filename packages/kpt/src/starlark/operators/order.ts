import { StarlarkError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import { Bytes } from '../values/bytes.ts';
import { Float } from '../values/float.ts';
import { List } from '../values/list.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import { typeName, type Value } from '../values/value.ts';
import { equals } from './equality.ts';
import { isSubset } from './set-algebra.ts';

/** The operators that compare by order. */
export type OrderOperator = '<' | '<=' | '>' | '>=';

/**
 * Whether two values stand in an order. Sets compare by what they hold.
 *
 * @throws StarlarkError where their types have no order
 */
export function ordered(operator: OrderOperator, a: Value, b: Value, budget: Budget): boolean {
  if (a instanceof StarlarkSet && b instanceof StarlarkSet) return orderedSets(operator, a, b, budget);
  const order = compare(a, b, operator, budget, 0);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/**
 * Less than 0 where `a` comes before `b`, 0 where they are equal, more than 0 otherwise.
 *
 * @throws StarlarkError where their types have no order; the message names the operator
 */
export function compare(a: Value, b: Value, operator: OrderOperator, budget: Budget, depth: number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') {
    return compareStrings(a, b, budget);
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  const [one, other] = [numberOf(a), numberOf(b)];
  if (one !== undefined && other !== undefined) return compareNumbers(one, other);
  budget.nesting(depth);
  if ((a instanceof List && b instanceof List) || (a instanceof Tuple && b instanceof Tuple)) {
    return compareItems(a.items, b.items, operator, budget, depth);
  }
  if (a instanceof Bytes && b instanceof Bytes) budget.step(1 + (Math.min(a.length, b.length) >>> 4));
  const order = a !== null && typeof a === 'object' && b !== null && typeof b === 'object' ? a.order(b) : undefined;
  if (order === undefined) throw new StarlarkError(`${typeName(a)} ${operator} ${typeName(b)} not implemented`);
  return order;
}

/** Strings by their characters' numbers, not by the halves of pairs that JavaScript compares. */
export function compareStrings(a: string, b: string, budget: Budget): number {
  const length = Math.min(a.length, b.length);
  let index = 0;
  while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index += 1;
  budget.step(1 + (index >>> 2));
  if (index < length) {
    const [one, other] = [a.charCodeAt(index), b.charCodeAt(index)];
    const [first, second] = [isSurrogate(one), isSurrogate(other)];
    return first === second ? one - other : first ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function numberOf(value: Value): number | bigint | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** NaN equals itself and comes after all other numbers. */
function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareItems(
  a: readonly Value[],
  b: readonly Value[],
  operator: OrderOperator,
  budget: Budget,
  depth: number,
): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    budget.step(1);
    const [one = null, other = null] = [a[index], b[index]];
    if (!equals(one, other, budget, depth + 1)) return compare(one, other, operator, budget, depth + 1);
  }
  return a.length - b.length;
}

function orderedSets(operator: OrderOperator, a: StarlarkSet, b: StarlarkSet, budget: Budget): boolean {
  switch (operator) {
    case '<':
      return a.length < b.length && isSubset(a, b, budget);
    case '<=':
      return isSubset(a, b, budget);
    case '>':
      return b.length < a.length && isSubset(b, a, budget);
    default:
      return isSubset(b, a, budget);
  }
}

import type { Budget } from '../limits.ts';
import type { Value } from './value.ts';

/**
 * What stands for a value as a key of a Map: equal for equal values (1 and 1.0, but not 1 and True), itself for most.
 *
 * @throws StarlarkError for values that can change
 */
export function hashKey(value: Value, budget: Budget, depth = 0): unknown {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
  if (value === null || typeof value !== 'object') return value;
  return value.hashKey(budget, depth);
}

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

function identity(value: object): number {
  const known = identities.get(value);
  if (known !== undefined) return known;
  identities.set(value, nextIdentity);
  return nextIdentity++;
}

/** The key of a value that is made of others, by what kind it is and what stands for those. Strings cannot look like it. */
export function compositeKey(kind: string, values: readonly Value[], budget: Budget, depth: number): string {
  budget.nesting(depth);
  let key = `\0${kind}`;
  for (const value of values) {
    budget.step(8);
    const part = hashKey(value, budget, depth + 1);
    if (typeof part === 'string') key += `s${part.length}:${part}`;
    else if (typeof part === 'number' || typeof part === 'bigint') key += `n${part === 0 ? 0 : part};`;
    else if (typeof part === 'object' && part !== null) key += `o${identity(part)};`;
    else key += `${String(part)};`;
  }
  budget.text(key.length);
  return key;
}

import { StarlarkError } from '../errors.ts';
import { List } from '../values/list.ts';
import { Tuple } from '../values/tuple.ts';
import { typeName, type Value } from '../values/value.ts';
import type { Completion, Frame } from './frame.ts';

/**
 * Runs a body for each element of a value, which must not change meanwhile.
 *
 * @returns how the last run ended where that ended the loop as well: 1 or 3; otherwise 0
 * @throws StarlarkError where the value is not iterable
 */
export function loop(frame: Frame, value: Value, body: (element: Value) => Completion): Completion {
  if (value instanceof List || value instanceof Tuple) return loopItems(value, body);
  const elements = value !== null && typeof value === 'object' ? value.iterate() : undefined;
  if (elements === undefined || value === null || typeof value !== 'object') {
    throw new StarlarkError(`${typeName(value)} value is not iterable`);
  }
  frame.thread.budget.step(1);
  value.holdStill(true);
  let completion: Completion = 0;
  for (const element of elements) {
    completion = body(element);
    if (completion === 1 || completion === 3) break;
  }
  value.holdStill(false);
  return completion === 1 || completion === 3 ? completion : 0;
}

function loopItems(value: List | Tuple, body: (element: Value) => Completion): Completion {
  const { items } = value;
  value.holdStill(true);
  let completion: Completion = 0;
  for (let index = 0; index < items.length; index++) {
    completion = body(items[index] ?? null);
    if (completion === 1 || completion === 3) break;
  }
  value.holdStill(false);
  return completion === 1 || completion === 3 ? completion : 0;
}

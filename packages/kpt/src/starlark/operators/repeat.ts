import { StarlarkLimitError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { Bytes } from '../values/bytes.ts';
import { List } from '../values/list.ts';
import { Tuple } from '../values/tuple.ts';
import { isInt, type Value } from '../values/value.ts';
import type { Int } from './integers.ts';

/** A sequence several times over; undefined where there is no sequence and number. */
export function repeat(a: Value, b: Value, budget: Budget): Value | undefined {
  if (isInt(b)) return repeated(a, b, budget);
  return isInt(a) ? repeated(b, a, budget) : undefined;
}

function repeated(sequence: Value, count: Int, budget: Budget): Value | undefined {
  if (typeof sequence === 'string') {
    const times = timesFor(count, sequence.length);
    budget.text(times * sequence.length);
    return times === 0 ? '' : sequence.repeat(times);
  }
  if (sequence instanceof Bytes) {
    const times = timesFor(count, sequence.bytes.length);
    budget.text(times * sequence.bytes.length);
    budget.allocate(sizes.bytes);
    const result = new Uint8Array(sequence.bytes.length * times);
    for (let index = 0; index < times; index++) result.set(sequence.bytes, index * sequence.bytes.length);
    return new Bytes(result);
  }
  if (!(sequence instanceof List || sequence instanceof Tuple)) return undefined;
  const times = timesFor(count, sequence.items.length);
  budget.elements(times * sequence.items.length);
  const items: Value[] = [];
  for (let index = 0; index < times; index++) for (const item of sequence.items) items.push(item);
  return sequence instanceof List ? new List(items) : new Tuple(items);
}

function timesFor(count: Int, length: number): number {
  if (count <= 0 || length === 0) return 0;
  if (typeof count === 'bigint') throw new StarlarkLimitError(`excessive repeat (${length} * ${count} elements)`);
  return count;
}

import { StarlarkLimitError } from '../errors.ts';
import type { Budget } from '../limits.ts';
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
    const times = timesFor(count, sequence.length, 1, budget);
    return times === 0 ? '' : sequence.repeat(times);
  }
  if (sequence instanceof Bytes) {
    const times = timesFor(count, sequence.bytes.length, 1, budget);
    const result = new Uint8Array(sequence.bytes.length * times);
    for (let index = 0; index < times; index++) result.set(sequence.bytes, index * sequence.bytes.length);
    return new Bytes(result);
  }
  if (!(sequence instanceof List || sequence instanceof Tuple)) return undefined;
  const times = timesFor(count, sequence.items.length, 16, budget);
  const items: Value[] = [];
  for (let index = 0; index < times; index++) for (const item of sequence.items) items.push(item);
  return sequence instanceof List ? new List(items) : new Tuple(items);
}

function timesFor(count: Int, length: number, size: number, budget: Budget): number {
  if (count <= 0 || length === 0) return 0;
  if (typeof count === 'bigint') throw new StarlarkLimitError(`excessive repeat (${length} * ${count} elements)`);
  budget.allocate(length * count * size);
  budget.step(Math.min(length * count, Number.MAX_SAFE_INTEGER) / (size === 1 ? 16 : 1));
  return count;
}

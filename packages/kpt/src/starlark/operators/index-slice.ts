import { StarlarkError } from '../errors.ts';
import { type Budget, sizes } from '../limits.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { Range } from '../values/range.ts';
import { repr } from '../values/repr.ts';
import { StringElements } from '../values/string-elements.ts';
import { Tuple } from '../values/tuple.ts';
import { isInt, type StarlarkObject, typeName, type Value } from '../values/value.ts';

/** What `x[key]` says. */
export function indexed(container: Value, key: Value, budget: Budget): Value {
  if (container instanceof Dict) {
    const value = container.get(key, budget);
    if (value === undefined) throw new StarlarkError(`key ${repr(key, budget)} not in dict`);
    return value;
  }
  if (container instanceof List || container instanceof Tuple) {
    return container.items[position(container, key, container.items.length)] ?? null;
  }
  if (typeof container === 'string') return container.charAt(position(container, key, container.length));
  if (container instanceof Range) return container.at(position(container, key, container.length));
  if (container instanceof Bytes) {
    const at = position(container, key, container.length);
    budget.allocate(sizes.bytes);
    return new Bytes(container.bytes.subarray(at, at + 1));
  }
  if (container instanceof StringElements && container.length !== undefined) {
    return container.at(position(container, key, container.length));
  }
  throw new StarlarkError(`unhandled index operation ${typeName(container)}[${typeName(key)}]`);
}

/** Does what `x[key] = value` says. */
export function assignIndex(container: Value, key: Value, value: Value, budget: Budget): void {
  if (container instanceof Dict) {
    container.set(key, value, budget);
  } else if (container instanceof List) {
    const at = position(container, key, container.items.length);
    container.checkMutable('assign to element of');
    container.items[at] = value;
  } else {
    throw new StarlarkError(`${typeName(container)} value does not support item assignment`);
  }
}

function position(container: string | StarlarkObject, key: Value, length: number): number {
  if (!isInt(key)) throw new StarlarkError(`${typeName(container)} index: got ${typeName(key)}, want int`);
  const at = key < 0 ? Number(key) + length : Number(key);
  if (at >= 0 && at < length) return at;
  const reason = length === 0 ? `empty ${typeName(container)}` : `${typeName(container)} has length ${length}`;
  throw new StarlarkError(`index ${key} out of range: ${reason}`);
}

/** What `x[start:end:step]` says; undefined stands for what is left out. */
export function sliced(
  container: Value,
  start: Value | undefined,
  end: Value | undefined,
  step: Value | undefined,
  budget: Budget,
): Value {
  const length = sliceLength(container);
  if (length === undefined) throw new StarlarkError(`invalid slice operand ${typeName(container)}`);
  const stride = strideOf(step);
  const [from, to] = bounds(length, start, end, stride);
  const count = Math.max(0, Math.ceil((to - from) / stride));
  if (container instanceof Range) {
    budget.allocate(sizes.float);
    return count === 0 ? new Range(0, 0, 1) : container.slice(from, to, stride);
  }
  if (stride === 1 && (typeof container === 'string' || container instanceof Bytes)) budget.text(count);
  else budget.elements(count);
  if (typeof container === 'string') {
    if (stride === 1) return container.slice(from, Math.max(from, to));
    budget.allocate(32 * count);
    return picked(count, from, stride, (at) => container.charAt(at)).join('');
  }
  if (container instanceof Bytes) {
    budget.allocate(sizes.bytes);
    if (stride === 1) return new Bytes(container.bytes.subarray(from, Math.max(from, to)));
    return new Bytes(Uint8Array.from(picked(count, from, stride, (at) => container.bytes[at] ?? 0)));
  }
  if (container instanceof List) return new List(pickedItems(container.items, count, from, stride));
  return new Tuple(container instanceof Tuple ? pickedItems(container.items, count, from, stride) : []);
}

function sliceLength(container: Value): number | undefined {
  if (typeof container === 'string') return container.length;
  const known =
    container instanceof List || container instanceof Tuple || container instanceof Bytes || container instanceof Range;
  return known ? container.length : undefined;
}

function pickedItems(items: readonly Value[], count: number, from: number, stride: number): Value[] {
  if (stride === 1) return items.slice(from, from + count);
  return picked(count, from, stride, (at) => items[at] ?? null);
}

function picked<T>(count: number, from: number, stride: number, pick: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => pick(from + index * stride));
}

function strideOf(step: Value | undefined): number {
  if (step === undefined || step === null) return 1;
  if (!isInt(step)) throw new StarlarkError(`invalid slice step: got ${typeName(step)}, want int`);
  if (step === 0) throw new StarlarkError('zero is not a valid slice step');
  return Number(step);
}

/** Where a slice starts and what it stops before, within the sequence; -1 stands before its first element. */
function bounds(length: number, start: Value | undefined, end: Value | undefined, stride: number): [number, number] {
  const [lowest, highest] = stride > 0 ? [0, length] : [-1, length - 1];
  const from = bound('start', start, length) ?? (stride > 0 ? lowest : highest);
  const to = bound('end', end, length) ?? (stride > 0 ? highest : lowest);
  return [Math.min(Math.max(from, lowest), highest), Math.min(Math.max(to, lowest), highest)];
}

function bound(name: string, value: Value | undefined, length: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isInt(value)) throw new StarlarkError(`invalid ${name} index: got ${typeName(value)}, want int`);
  // A negative position counts from the end; what is before the start stays there.
  return value < 0 ? Math.max(Number(value) + length, -1) : Number(value);
}

/** The range of positions that a method's `start` and `end` stand for. */
export function sliceRange(length: number, start: Value | undefined, end: Value | undefined): [number, number] {
  return bounds(length, start, end, 1);
}

import type { Value } from '../values/value.ts';
import type { Arguments } from './arguments.ts';

/** What a method does with the value it is called on. */
export type Method<T> = (receiver: T, args: Arguments) => Value;

/** The methods of a type by name, sorted. */
export type MethodTable<T> = ReadonlyMap<string, Method<T>>;

/** Puts methods together. */
export function methodTable<T>(...groups: readonly Readonly<Record<string, Method<T>>>[]): MethodTable<T> {
  const entries = groups.flatMap((group) => Object.entries(group));
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

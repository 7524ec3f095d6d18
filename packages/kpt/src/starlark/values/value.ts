import { UnhashableError } from '../errors.ts';
import type { Budget } from '../limits.ts';
import type { ReprWriter } from './repr.ts';

/**
 * A value of the language: None is null, an int is a number where that is exact and a bigint beyond, a string is a string; all
 * else is an object, floats too, so that `1.0` stays apart from `1`.
 */
export type Value = null | boolean | number | bigint | string | StarlarkObject;

/** What every value that is no primitive of JavaScript can do. */
export abstract class StarlarkObject {
  /** What `type(x)` says. */
  abstract readonly type: string;

  /** Writes what `repr(x)` says. */
  abstract write(writer: ReprWriter): void;

  /** Whether the value counts as true in a condition. */
  get truth(): boolean {
    return true;
  }

  /** The text that stands for the value in files; undefined where none does. */
  fileText(): string | undefined {
    return undefined;
  }

  /** How many elements there are; undefined where `len(x)` is an error. */
  get length(): number | undefined {
    return undefined;
  }

  /** The elements in order; undefined for values that are not iterable. */
  iterate(): Iterable<Value> | undefined {
    return undefined;
  }

  /** Called before and after a loop over the value that runs the program's own code; changes in between are errors. */
  holdStill(_still: boolean): void {}

  /** Makes this value immutable. @returns the values within, to be frozen as well */
  freeze(): Iterable<Value> {
    return [];
  }

  /** What stands for the value in a hash table: a primitive, equal for equal values. */
  hashKey(_budget: Budget, _depth: number): unknown {
    throw new UnhashableError(this.type);
  }

  /** Whether the value equals another of the same class. */
  equals(other: StarlarkObject, _same: (a: Value, b: Value) => boolean): boolean {
    return this === other;
  }

  /** A field or method; undefined where there is none of that name. */
  attribute(_name: string): Value | undefined {
    return undefined;
  }

  /** The names of fields and methods, sorted. */
  attributeNames(): readonly string[] {
    return [];
  }

  /** The result of an operator with this value on one side; undefined where it does not know the other. */
  binary(_operator: string, _other: Value, _isLeft: boolean): Value | undefined {
    return undefined;
  }

  /** Less than 0, 0 or more for another value of the same class; undefined for values without order. */
  order(_other: StarlarkObject): number | undefined {
    return undefined;
  }
}

/** What `type(x)` says. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      return value === null ? 'NoneType' : value.type;
  }
}

/** Whether a value counts as true in a condition. */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return true;
    default:
      return value?.truth ?? false;
  }
}

/** The elements of a value in order; undefined where it is not iterable. */
export function iterated(value: Value | undefined): Iterable<Value> | undefined {
  return typeof value === 'object' ? value?.iterate() : undefined;
}

/** Whether a value is an int. */
export function isInt(value: Value | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Makes values, and all that they hold, immutable. */
export function freeze(...values: readonly Value[]): void {
  const queue: Value[] = [...values];
  for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
    if (value !== null && typeof value === 'object') for (const inner of value.freeze()) queue.push(inner);
  }
}

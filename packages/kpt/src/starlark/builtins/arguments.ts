import { StarlarkError } from '../errors.ts';
import { call, type NamedArgument } from '../evaluate/call.ts';
import type { Thread } from '../evaluate/thread.ts';
import type { Budget } from '../limits.ts';
import { didYouMean } from '../resolve/spelling.ts';
import { isInt, iterated, typeName, type Value } from '../values/value.ts';

/** What a built-in function is called with. Errors made here name the function. */
export class Arguments {
  /** The function's name. */
  readonly name: string;
  readonly thread: Thread;
  readonly positional: readonly Value[];
  readonly named: readonly NamedArgument[];

  constructor(name: string, thread: Thread, positional: readonly Value[], named: readonly NamedArgument[]) {
    this.name = name;
    this.thread = thread;
    this.positional = positional;
    this.named = named;
  }

  get budget(): Budget {
    return this.thread.budget;
  }

  error(reason: string): StarlarkError {
    return new StarlarkError(`${this.name}: ${reason}`);
  }

  /**
   * The arguments by parameter. A parameter is written `name` where it must be given, `name?` where it may be left out, and `name??`
   * where None stands for leaving it out.
   */
  unpack(...parameters: readonly string[]): (Value | undefined)[] {
    const names = parameters.map((parameter) => parameter.replace(/\?+$/, ''));
    if (this.positional.length > names.length) throw this.#tooMany(names.length, parameters);
    const values: (Value | undefined)[] = names.map((_, index) => this.positional[index]);
    for (const [name, value] of this.named) {
      const index = names.indexOf(name);
      if (index < 0) throw this.error(`unexpected keyword argument "${name}"${didYouMean(name, names)}`);
      if (values[index] !== undefined) throw this.error(`got multiple values for keyword argument "${name}"`);
      values[index] = value;
    }
    for (const [index, parameter] of parameters.entries()) {
      if (values[index] === null && parameter.endsWith('??')) values[index] = undefined;
      if (values[index] === undefined && !parameter.endsWith('?')) {
        throw this.error(`missing argument for ${names[index]}`);
      }
    }
    return values;
  }

  /** The same for functions whose arguments have no names: so many at least, so many at most. */
  unnamed(least: number, most: number): readonly Value[] {
    this.noNames();
    const count = this.positional.length;
    if (count < least || count > most) {
      const wanted = least === most ? most : count < least ? `at least ${least}` : `at most ${most}`;
      throw this.error(`got ${count} ${count === 1 ? 'argument' : 'arguments'}, want ${wanted}`);
    }
    return this.positional;
  }

  /** @throws StarlarkError where arguments are given by name */
  noNames(): void {
    if (this.named.length > 0) throw this.error('unexpected keyword arguments');
  }

  string(parameter: string, value: Value | undefined): string {
    if (typeof value === 'string') return value;
    throw this.wrong(parameter, value, 'string');
  }

  /** A text argument, or what stands for one that is left out. */
  optionalString(parameter: string, value: Value | undefined, otherwise: string): string {
    return value === undefined ? otherwise : this.string(parameter, value);
  }

  int(parameter: string, value: Value | undefined): number | bigint {
    if (isInt(value)) return value;
    throw this.wrong(parameter, value, 'int');
  }

  /** An int that a number can carry; a larger one is held to the largest. */
  count(parameter: string, value: Value | undefined, otherwise: number): number {
    if (value === undefined) return otherwise;
    const int = this.int(parameter, value);
    return Math.min(Math.max(Number(int), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  }

  bool(parameter: string, value: Value | undefined, otherwise: boolean): boolean {
    if (value === undefined) return otherwise;
    if (typeof value === 'boolean') return value;
    throw this.wrong(parameter, value, 'bool');
  }

  /** The elements of an argument, counted as they are taken. */
  iterable(parameter: string, value: Value | undefined): Iterable<Value> {
    const elements = iterated(value);
    if (elements === undefined) throw this.wrong(parameter, value, 'iterable');
    return this.#counted(elements);
  }

  /** The elements of an argument in a new array. */
  elements(parameter: string, value: Value | undefined): Value[] {
    return [...this.iterable(parameter, value)];
  }

  callable(parameter: string, value: Value): Value {
    if (/^(function|builtin_function_or_method)$/.test(typeName(value))) return value;
    throw this.wrong(parameter, value, 'callable');
  }

  /** Calls a function of the program. */
  call(callee: Value, ...positional: readonly Value[]): Value {
    return call(this.thread, callee, positional, undefined);
  }

  wrong(parameter: string, value: Value | undefined, wanted: string): StarlarkError {
    return this.error(`for parameter ${parameter}: got ${typeName(value ?? null)}, want ${wanted}`);
  }

  *#counted(elements: Iterable<Value>): Generator<Value> {
    for (const element of elements) {
      this.budget.step(1);
      this.budget.allocate(32);
      yield element;
    }
  }

  #tooMany(most: number, parameters: readonly string[]): StarlarkError {
    const bound = parameters.some((parameter) => parameter.endsWith('?')) ? 'at most ' : '';
    const { length } = this.positional;
    return this.error(`got ${length} ${length === 1 ? 'argument' : 'arguments'}, want ${bound}${most}`);
  }
}

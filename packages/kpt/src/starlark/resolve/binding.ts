import type { Value } from '../values/value.ts';

/** A variable of a function, or of a comprehension within it. */
export interface Variable {
  readonly name: string;
  /** Its place among the variables of its function. */
  readonly slot: number;
  readonly owner: FunctionScope;
  /** Whether a function within uses it: then it lives in a cell that outlives the call. */
  isCaptured: boolean;
}

/** What a name stands for. */
export type Binding =
  | { readonly scope: 'local'; readonly variable: Variable }
  /** A variable of a function around this one, by its place among those that this one uses. */
  | { readonly scope: 'free'; readonly index: number }
  | { readonly scope: 'global'; readonly index: number }
  | { readonly scope: 'predeclared'; readonly value: Value };

/** The variables of one function, or of the program outside of functions. */
export class FunctionScope {
  readonly parent: FunctionScope | undefined;
  readonly variables: Variable[] = [];
  /** The variables of functions around this one that it, or one within it, uses. */
  readonly free: Variable[] = [];

  constructor(parent: FunctionScope | undefined) {
    this.parent = parent;
  }

  declare(name: string): Variable {
    const variable = { name, slot: this.variables.length, owner: this, isCaptured: false };
    this.variables.push(variable);
    return variable;
  }

  /** The place of an outer variable among those used here; also notes it in the functions in between. */
  freeIndex(variable: Variable): number {
    const known = this.free.indexOf(variable);
    if (known >= 0) return known;
    variable.isCaptured = true;
    if (this.parent !== undefined && this.parent !== variable.owner) this.parent.freeIndex(variable);
    return this.free.push(variable) - 1;
  }
}

/** The names of a program outside of functions, by their places. */
export class GlobalNames {
  readonly #places = new Map<string, number>();

  get names(): readonly string[] {
    return [...this.#places.keys()];
  }

  declare(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.#places.size);
    return this.#places.size - 1;
  }

  find(name: string): number | undefined {
    return this.#places.get(name);
  }
}

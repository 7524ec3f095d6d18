import type { Cell } from '../evaluate/frame.ts';
import type { FunctionCode } from '../evaluate/function-code.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A function of the program, with what it took from its surroundings. */
export class StarlarkFunction extends StarlarkObject {
  override readonly type = 'function';
  readonly code: FunctionCode;
  /** The defaults of parameters, by the parameter's position; undefined for those that must be given. */
  readonly defaults: readonly (Value | undefined)[];
  readonly free: readonly Cell[];
  readonly globals: (Value | undefined)[];

  constructor(
    code: FunctionCode,
    defaults: readonly (Value | undefined)[],
    free: readonly Cell[],
    globals: (Value | undefined)[],
  ) {
    super();
    this.code = code;
    this.defaults = defaults;
    this.free = free;
    this.globals = globals;
  }

  override *freeze(): Generator<Value> {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    for (const value of this.defaults) if (value !== undefined) yield value;
    for (const { value } of this.free) if (value !== undefined) yield value;
  }

  #isFrozen = false;

  override hashKey(): unknown {
    return this;
  }

  override write(writer: ReprWriter): void {
    writer.text(`<function ${this.code.name}>`);
  }
}

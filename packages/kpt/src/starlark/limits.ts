import { StarlarkLimitError } from './errors.ts';

/** What a program may take. */
export interface Limits {
  /** Units of work: roughly one for every operator, call and element that a built-in function looks at. */
  readonly maxSteps: number;
  /** Bytes of all values made during the run, whether they are still in use or not; an estimate. */
  readonly maxMemory: number;
  /** Calls of functions within each other. */
  readonly maxCallDepth: number;
}

/** Enough for a script over thousands of resources; ends an endless loop after a few seconds. */
export const defaultLimits: Limits = Object.freeze({
  maxSteps: 100_000_000,
  maxMemory: 512 * 1024 * 1024,
  maxCallDepth: 1000,
});

/** How deep lists, dicts and tuples within each other are followed when they are compared, printed or converted. */
const maxNesting = 500;

/** What values take, in bytes: measured, without their elements. */
export const sizes = Object.freeze({
  float: 56,
  /** A list or tuple. */
  list: 112,
  /** The room that a list makes when it gets its first element. */
  growth: 144,
  /** A method with the value it belongs to. */
  method: 160,
  bytes: 264,
  /** A dict or set. */
  table: 288,
  /** An element of a dict or set. */
  entry: 96,
});

/** Texts from this length on are counted as if each character took two bytes; V8 takes their memory at once, and dies where there is none. */
const longText = 1 << 20;

/** Counts what one run of a program takes. */
export class Budget {
  readonly limits: Limits;
  #steps = 0;
  #memory = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  get steps(): number {
    return this.#steps;
  }

  /** @throws StarlarkLimitError when this is more than the program may take */
  step(count: number): void {
    this.#steps += count;
    if (this.#steps > this.limits.maxSteps) {
      throw new StarlarkLimitError(`the program took more than ${this.limits.maxSteps} steps`);
    }
  }

  /**
   * To be called before memory of a size that the program chooses is taken.
   *
   * @throws StarlarkLimitError when this is more than the program may take
   */
  allocate(bytes: number): void {
    this.#memory += bytes;
    if (!(this.#memory <= this.limits.maxMemory)) {
      throw new StarlarkLimitError(`the program took more than ${this.limits.maxMemory} bytes of memory`);
    }
  }

  /** Accounts for work on, and room for, this many elements. */
  elements(count: number): void {
    this.step(count);
    this.allocate(16 * count + 64);
  }

  /** Accounts for a new text of this many characters. */
  text(length: number): void {
    this.step(length >>> 4);
    this.allocate((length < longText ? length : 2 * length) + 32);
  }

  /** @throws StarlarkLimitError when values stand too deep in each other to be followed */
  nesting(depth: number): void {
    if (depth > maxNesting)
      throw new StarlarkLimitError(`values stand more than ${maxNesting} levels deep in each other`);
  }
}

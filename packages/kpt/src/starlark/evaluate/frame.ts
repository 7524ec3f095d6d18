import type { Position } from '../syntax/position.ts';
import type { Value } from '../values/value.ts';
import type { Thread } from './thread.ts';

/** A variable that functions within share. */
export interface Cell {
  /** Undefined until the variable is assigned. */
  value: Value | undefined;
}

/** What one call of a function is at. */
export class Frame {
  readonly thread: Thread;
  /** The function's name, for tracebacks. */
  readonly name: string;
  /** The function's variables by their places: cells for captured ones, undefined until assigned. */
  readonly locals: (Value | Cell | undefined)[];
  readonly free: readonly Cell[];
  readonly globals: (Value | undefined)[];
  /** Where the operation stands that is carried out, or fails. */
  position: Position;
  /** What a `return` gave. */
  result: Value = null;

  constructor(
    thread: Thread,
    code: { readonly name: string; readonly position: Position },
    locals: (Value | Cell | undefined)[],
    free: readonly Cell[],
    globals: (Value | undefined)[],
  ) {
    this.thread = thread;
    this.name = code.name;
    this.position = code.position;
    this.locals = locals;
    this.free = free;
    this.globals = globals;
  }
}

/** An expression, ready to be evaluated. */
export type Evaluate = (frame: Frame) => Value;

/** How a statement ended: 0 normally, 1 with `break`, 2 with `continue`, 3 with `return`. */
export type Completion = 0 | 1 | 2 | 3;

/** A statement, ready to be carried out. */
export type Execute = (frame: Frame) => Completion;

/** Gives a value to what stands on the left of an assignment. */
export type Assign = (frame: Frame, value: Value) => void;

import type { Position } from '../syntax/position.ts';
import type { Execute } from './frame.ts';

/** A function as it is written, ready to be called. */
export interface FunctionCode {
  readonly name: string;
  readonly position: Position;
  /** The names of parameters that are given by position or name, then of those given by name only. */
  readonly parameters: readonly string[];
  /** How many of them can be given by position. */
  readonly positionalCount: number;
  /** Where surplus arguments by position go; undefined where there may be none. */
  readonly sequenceSlot: number | undefined;
  /** Where surplus arguments by name go; undefined where there may be none. */
  readonly dictSlot: number | undefined;
  /** The place of each parameter among the function's variables. */
  readonly slots: readonly number[];
  readonly variableCount: number;
  /** The places of variables that live in cells. */
  readonly cells: readonly number[];
  readonly body: Execute;
}

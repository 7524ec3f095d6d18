import type { FunctionResultItem } from '../pipeline/results.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** What a function is called with. */
export interface FunctionInput {
  /** The selected objects, in order. Change them in place. */
  readonly items: readonly KrmObject[];
  /**
   * `configMap` of the pipeline's entry as a ConfigMap named `function-input`, or the object of `configPath`; undefined
   * where the entry has neither. Not to be changed: it may be one of the package's objects, which then is among the items too.
   */
  readonly config: KrmObject | undefined;
  /**
   * The text of a file that the function looks things up in: of the package whose pipeline it is in, or of the directory that the
   * program was given for that; undefined where there is none. Absent where functions have nothing to look things up in.
   */
  readonly readFile?: ((path: string) => string | undefined) | undefined;
}

/** What a function answers. */
export interface FunctionOutput {
  /** What the function reports, in order. */
  readonly results: readonly FunctionResultItem[];
  /** The objects after the function, when it added, removed or reordered some; otherwise the input's, as they are now. */
  readonly items?: readonly KrmObject[];
  /** Why the function failed, one line or more; its exit code is then 1. Absent on success. */
  readonly failed?: string;
  /** What the function printed besides, failed or not. */
  readonly stderr?: string;
  /** For how many milliseconds whoever runs the function is to hold the answer back; the function itself does not wait. */
  readonly heldMs?: number;
  /** False where another call with the same input might answer otherwise, or has an effect besides its answer. */
  readonly isRepeatable?: boolean;
}

/**
 * A function that is part of the program. It is synchronous, keeps nothing between calls and touches nothing but its input.
 * A thrown error counts as failure with the error's message.
 */
export interface KrmFunction {
  /** The base name of the images it stands for, `set-labels`. */
  readonly name: string;
  /** The versions of the image whose behaviour it has, `v0.2.2`; the newest first. */
  readonly tags: readonly string[];
  run(input: FunctionInput): FunctionOutput;
}

/** Built-in functions by base name. */
export type FunctionCatalogue = ReadonlyMap<string, KrmFunction>;

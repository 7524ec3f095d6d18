import type { FunctionInput } from '../functions/function.ts';
import type { FunctionResultItem } from '../pipeline/results.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** How a call of a function went. */
export interface FunctionCall {
  /** The objects after the call; the input's where the function changed them in place. */
  readonly items: readonly KrmObject[];
  readonly results: readonly FunctionResultItem[];
  readonly exitCode: number;
  /** What the function said of its failure, or besides its results. */
  readonly stderr?: string;
  /** Why the function could not be run, or what it answered could not be used; its exit code is then not 0. */
  readonly executionError?: string;
  /** Whether a function that succeeded has answered nothing at all, and so has not said what is to become of the objects; no unless given. */
  readonly isSilent?: boolean;
  /** For how many milliseconds the answer is still to be held back. */
  readonly heldMs?: number;
  /** Whether another call with the same input would answer the same; so it is unless it says otherwise. */
  readonly isRepeatable?: boolean;
}

/**
 * Calls a function. What runs on the caller's thread answers at once; what is waited for answers with a promise. Failures of the
 * function are part of the answer; a promise is rejected only where the whole work was given up.
 */
export type FunctionRun = (input: FunctionInput) => FunctionCall | Promise<FunctionCall>;

/** A way of running functions. */
export interface FunctionRuntime {
  /**
   * The tag that an entry's `tag` stands for; undefined where it stands for itself.
   * @throws RangeError where it is a range of versions and no known version is in it
   */
  resolveTag(image: string, tag: string | undefined): string | undefined;
  /** The call of an image; undefined where this runtime does not have it. */
  find(image: string): FunctionRun | undefined;
  /**
   * The call of a program that a pipeline's entry names by `exec`; undefined where nobody has allowed that. Absent where it can never be
   * allowed: packages come from anyone.
   */
  findProgram?(command: string): FunctionRun | undefined;
  /** What is said of an image that `find` does not have. */
  whyUnknown(image: string): string;
}

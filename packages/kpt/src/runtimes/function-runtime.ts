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
}

/**
 * Calls a function. What runs on the caller's thread answers at once; what is waited for answers with a promise. Failures of the
 * function are part of the answer; a promise is rejected only where the whole work was given up.
 */
export type FunctionRun = (input: FunctionInput) => FunctionCall | Promise<FunctionCall>;

/** A way of running functions. */
export interface FunctionRuntime {
  /** The full name of the image that an entry's `image` and `tag` stand for, as far as this runtime knows better. */
  resolveTag(image: string, tag: string | undefined): string | undefined;
  /** The call of an image; undefined where this runtime does not have it. */
  find(image: string): FunctionRun | undefined;
  /** What there is, for the message about what there is not. */
  names(): readonly string[];
}

/** What a worker thread asks for, one at a time for each job: a function that it does not have itself, or to be told when time is up. */
export type DeskRequest = FunctionRequest | HoldRequest;

/** Asks for an answer after so many milliseconds. */
export interface HoldRequest {
  readonly holdMs: number;
}

/** A function that a worker thread asks the main thread to run. */
export interface FunctionRequest {
  readonly image: string;
  readonly resourceList: Uint8Array;
  /** Identifies image and input where the answer may be used again for equal ones. */
  readonly reuseKey?: string;
}

/** What it is answered. */
export type FunctionAnswer =
  | { readonly type: 'ran'; readonly resourceList: Uint8Array; readonly exitCode: number; readonly stderr: string }
  /** The time is up. */
  | { readonly type: 'held' }
  /** Nothing has the function. */
  | { readonly type: 'unknown' }
  /** It could not be run, or was ended. */
  | { readonly type: 'failed'; readonly message: string }
  /** Too many jobs wait for functions already: this one is to end, and is begun again later. */
  | { readonly type: 'later' };

/** What a worker thread asks for: a function that it does not have itself. One at a time for each job. */
export interface FunctionRequest {
  readonly image: string;
  readonly resourceList: Uint8Array;
  /** Identifies image and input where the answer may be used again for equal ones. */
  readonly reuseKey?: string;
}

/** What it is answered. */
export type FunctionAnswer =
  | { readonly type: 'ran'; readonly resourceList: Uint8Array; readonly exitCode: number; readonly stderr: string }
  /** Nothing has the function. */
  | { readonly type: 'unknown' }
  /** It could not be run, or was ended. */
  | { readonly type: 'failed'; readonly message: string }
  /** Too many jobs wait for functions already: this one is to end, and is begun again later. */
  | { readonly type: 'later' };

/** Is told of what jobs do, for metrics. Called on the thread that gives out jobs; must not throw. */
export interface WorkerObserver {
  /** A function has run. `runtime` is the way that it was run, `built-in` or the name of an evaluator. */
  functionEnded(call: {
    readonly runtime: string;
    /** The base name of the image. */
    readonly name: string;
    readonly milliseconds: number;
    readonly failed: boolean;
  }): void;
  /** A package was rendered, or an equal one was found rendered already (`reused`). */
  renderEnded(render: { readonly milliseconds: number; readonly failed: boolean; readonly reused: boolean }): void;
  /** A function that is run elsewhere was asked for whose answers may be used again: it was found, or not. */
  answerLookedUp(found: boolean): void;
}

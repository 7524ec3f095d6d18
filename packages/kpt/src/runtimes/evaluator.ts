/** What one run of a function may take. */
export interface RunLimits {
  /** In milliseconds. */
  readonly timeoutMs: number;
  /** In bytes; runtimes that run the function elsewhere leave this to whoever runs it. */
  readonly memoryBytes: number;
  /** Most bytes that the function may print as its answer. */
  readonly outputBytes: number;
}

/** What holds where nothing else is said. */
export const defaultRunLimits: RunLimits = Object.freeze({
  timeoutMs: 60_000,
  memoryBytes: 512 << 20,
  outputBytes: 6 << 20,
});

/** One function to be run outside the pipeline's thread. */
export interface EvaluationRequest {
  /** The full name of the image. */
  readonly image: string;
  /** A ResourceList in YAML: what the function reads. */
  readonly resourceList: Uint8Array;
  readonly limits: RunLimits;
  /** Gives the run up, wherever it is. */
  readonly signal: AbortSignal;
  /** The program that a rule names for this image; runtimes that run programs run this one. */
  readonly program?: string;
  /** Variables for the environment of a function in a container. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether a rule says that this image may be run as a container, whatever registry it is from. */
  readonly isTrusted?: boolean;
}

/** What a function that was run left. */
export interface EvaluationOutcome {
  /** What the function printed: a ResourceList in YAML. May be empty after a failure. */
  readonly resourceList: Uint8Array;
  readonly exitCode: number;
  readonly stderr: string;
  /** The name of the evaluator that ran it, where several could. */
  readonly runtime?: string;
}

/** Runs functions outside the pipeline's thread: as services, programs, containers or modules. */
export interface FunctionEvaluator {
  /** One word, for messages and metrics. */
  readonly name: string;
  /**
   * Runs a function. Runs are independent of one another: one that hangs, floods or crashes fails alone.
   *
   * @returns undefined where this runtime does not have the function
   * @throws FunctionRunError where the function could not be run, or was ended; the signal's reason when given up
   */
  evaluate(request: EvaluationRequest): Promise<EvaluationOutcome | undefined>;
  /** Ends what is running. */
  close(): Promise<void>;
}

/** A function could not be run, or was ended before it was done. The message says why, without naming the function. */
export class FunctionRunError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FunctionRunError';
  }
}

/** Why a run was ended that took too long. */
export function tookTooLong({ timeoutMs }: Pick<RunLimits, 'timeoutMs'>): FunctionRunError {
  return new FunctionRunError(`it was ended: it took more than ${timeoutMs / 1000} s`);
}

/** Why a run was ended that printed too much. */
export function printedTooMuch({ outputBytes }: RunLimits): FunctionRunError {
  return new FunctionRunError(`it was ended: it printed more than ${outputBytes} bytes`);
}

/** Tries evaluators in order until one has the function. */
export function firstOf(evaluators: readonly FunctionEvaluator[]): FunctionEvaluator {
  return {
    name: evaluators.map(({ name }) => name).join(', '),
    async evaluate(request) {
      for (const evaluator of evaluators) {
        const outcome = await evaluator.evaluate(request);
        if (outcome !== undefined) return { runtime: evaluator.name, ...outcome };
      }
      return undefined;
    },
    close: async () => {
      await Promise.all(evaluators.map((evaluator) => evaluator.close()));
    },
  };
}

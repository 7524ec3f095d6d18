/** A program that runs to its end. */
export interface ProgramRequest {
  /** Absolute path of the program, or a name on the search path of whoever runs it. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input: Uint8Array;
  readonly timeoutMs: number;
  readonly outputBytes: number;
  /** Most memory of each of its processes, in bytes; not limited unless given. */
  readonly memoryBytes?: number;
  readonly signal: AbortSignal;
}

/** What a program left. */
export interface ProgramOutcome {
  /** 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  /** The beginning and the end of what it wrote to standard error. */
  readonly stderr: string;
}

/**
 * Runs programs in process groups of their own, without holding up the caller's thread. What is left of the group ends with the program,
 * and a program that takes too long or prints too much is ended with it. One that has left the group holds up nobody.
 */
export interface ProgramRunner {
  /**
   * @throws ProgramEndedError where the program was ended, or could not be started; the signal's reason when aborted, once it is gone
   */
  run(request: ProgramRequest): Promise<ProgramOutcome>;
}

/** A program was ended, or did not begin. */
export class ProgramEndedError extends Error {
  readonly reason: 'time' | 'output' | 'start';

  constructor(reason: ProgramEndedError['reason'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProgramEndedError';
    this.reason = reason;
  }
}

/**
 * Git processes as the server sees them. They run in the broker; all of them end when the server does.
 */

import type { GitSetting, OtherProgram } from './messages.ts';

/** How a process ended; `lost` when it did not start, or when that is not known because the broker is gone. */
export type ProcessExit =
  | {
      readonly type: 'exited';
      readonly code: number | null;
      readonly signal: string | null;
      /** Standard error; of a long one the beginning and the end. */
      readonly stderr: string;
    }
  | { readonly type: 'lost'; readonly reason: string };

/** What to start. Options that carry secrets go to `settings` or `env`, never to `args`. */
export interface ProcessRequest {
  /** Arguments of git, or of the other program. */
  readonly args: readonly string[];
  /** Runs this rather than git. */
  readonly program?: OtherProgram;
  readonly cwd?: string;
  /** Added to git's fixed environment; nothing is inherited from the server. */
  readonly env?: Readonly<Record<string, string>>;
  /** Git settings of this process only. */
  readonly settings?: readonly GitSetting[];
  /** Whether it changes a remote; see `allowPushes`. */
  readonly pushes?: boolean;
  /** Whether all else on the machine goes before it: nobody waits for it. */
  readonly background?: boolean;
}

/** A request whose output arrives piece by piece. */
export interface OpenRequest extends ProcessRequest {
  /**
   * Takes standard output. The process is slowed down while promises that were returned are pending. The bytes are only valid
   * during the call: copy what is kept.
   */
  readonly onOutput: (chunk: Buffer) => void | Promise<void>;
}

/** A running process. */
export interface GitProcess {
  /** Writes to standard input; resolves when more may be written, also when the process is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends standard input. */
  end(): void;
  /** Ends the process and its descendants at once. */
  kill(): void;
  /** Resolves when the process has ended and all its output was delivered. Never rejects. */
  readonly exited: Promise<ProcessExit>;
}

/** A process that runs to its end. */
export interface RunRequest extends ProcessRequest {
  readonly input?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Ends the process; `run` then rejects with the signal's reason, after the process is gone. */
  readonly signal?: AbortSignal;
  /** Ends the process; `run` then rejects with a `ProcessTimeoutError`, after the process is gone. */
  readonly timeoutMs?: number;
  /** More output than this ends the process; `run` then rejects with an `OutputTooLargeError`. 256 MiB unless told. */
  readonly maxOutputBytes?: number;
  /**
   * Takes standard output piece by piece, and nothing is collected or counted; the bytes are only valid during the call. What it throws
   * ends the process, and `run` rejects with it.
   */
  readonly onOutput?: (chunk: Buffer) => void;
}

/** What a finished process left. A process ended by a signal has exit code 128 plus its number, as in a shell, or 255. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Starts git processes. */
export interface GitProcesses {
  /**
   * Runs a process to its end. A failed command is a result, not an error.
   * @throws ProcessTimeoutError, OutputTooLargeError, ProcessLostError; the signal's reason; what `onOutput` throws
   */
  run(request: RunRequest): Promise<RunResult>;

  /** Starts a long-lived process. */
  open(request: OpenRequest): GitProcess;

  /**
   * From the first call on, processes that change a remote run only within so many milliseconds of the last call; later they are ended by
   * the broker, whatever the server does, and others are not started. Without a call there is no such limit.
   */
  allowPushes(ms: number): void;

  /** Ends all processes; those that are asked for later are lost at once. Resolves when none runs any more. Keeps the data directory. */
  endAll(): Promise<void>;

  /** Ends all processes and lets go of the data directory. */
  close(): Promise<void>;
}

/** The process took longer than it was given and was ended. */
export class ProcessTimeoutError extends Error {
  constructor(timeoutMs: number, program = 'git') {
    super(`${program} took longer than ${timeoutMs} ms and was ended`);
    this.name = 'ProcessTimeoutError';
  }
}

/** The process did not start, or it is not known how it ended. */
export class ProcessLostError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`a git process was lost: ${reason}`);
    this.name = 'ProcessLostError';
    this.reason = reason;
  }
}

/** The process wrote more than it may. */
export class OutputTooLargeError extends Error {
  constructor(maxBytes: number, program = 'git') {
    super(`${program} wrote more than ${maxBytes} bytes and was ended`);
    this.name = 'OutputTooLargeError';
  }
}

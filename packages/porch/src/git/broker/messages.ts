/**
 * JSON payloads of the frames between the server and its broker.
 */

/** One setting for a git process: `['http.followRedirects', 'false']`. Travels by environment, never on the command line. */
export type GitSetting = readonly [key: string, value: string];

/** A program other than git. */
export interface OtherProgram {
  /** A path, or a name on the search path of `environment`. */
  readonly file: string;
  /** The whole environment, but for the mark by which left-over processes are found. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Asks for a process: of git, unless told. */
export interface StartRequest {
  readonly args: readonly string[];
  readonly program?: OtherProgram;
  readonly cwd?: string;
  /** Added to the fixed environment of git. */
  readonly env?: Readonly<Record<string, string>>;
  /** Added to the fixed settings of git. */
  readonly settings?: readonly GitSetting[];
  /** Whether standard input will be written; otherwise it is empty. */
  readonly input: boolean;
  /** Whether it changes a remote: it ends when the server's permission for that does. */
  readonly pushes?: boolean;
  /** Whether all else on the machine goes before it. */
  readonly background?: boolean;
}

/** How a process ended. */
export interface ExitMessage {
  /** The exit code, or null when a signal ended it or it never started. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Standard error, the middle cut out when it is long. */
  readonly stderr: string;
  /** Why the process could not be started. */
  readonly startError?: string;
}

/** The broker gave up. */
export interface RefusedMessage {
  readonly reason: 'in-use' | 'failed';
  readonly message: string;
}

/** What the server tells the broker on its command line. */
export interface BrokerArguments {
  readonly directory: string;
  readonly serverPid: number;
  /** How long to wait for a directory that a dying broker still holds. */
  readonly lockWaitMs: number;
  /** Set where the directory is for this server only: how the names of such directories begin. */
  readonly temporary?: string;
}

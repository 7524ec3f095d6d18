import { fileProblem } from '../git/broker/file-problem.ts';

/**
 * The server cannot start as it was asked to, and whoever started it can change that: a directory that cannot be used, an
 * address that is taken. The message is one line that says what is wrong and what to do.
 */
export class StartupError extends Error {
  /** More that is wrong, each on a line of its own. */
  readonly details: readonly string[];

  constructor(message: string, options: ErrorOptions & { readonly details?: readonly string[] } = {}) {
    super(message, options);
    this.name = 'StartupError';
    this.details = options.details ?? [];
  }
}

/** What the server needs cannot be reached for now. Whoever can wait may try again; others tell the user, as with its base. */
export class UnreachableError extends StartupError {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'UnreachableError';
  }
}

/** What whoever started a command is told of an error, of the operating system about a file for instance; undefined where it is a fault of the command. */
export function startupErrorOf(error: unknown): StartupError | undefined {
  if (error instanceof StartupError) return error;
  const problem = fileProblem(error);
  return problem === undefined ? undefined : new StartupError(problem, { cause: error });
}

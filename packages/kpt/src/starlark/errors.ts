import type { Position } from './syntax/position.ts';

/** A program that failed: its own doing, or a limit it ran into. */
export class StarlarkError extends Error {
  /** The calls that led to the failure, outermost first, and the message; empty until the error has left the program. */
  traceback = '';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StarlarkError';
  }
}

/** A program that cannot be run as it is written. The message starts with `file:line:column: `. */
export class StarlarkSyntaxError extends StarlarkError {
  readonly position: Position;

  constructor(file: string, position: Position, reason: string) {
    super(`${file}:${position.line}:${position.column}: ${reason}`);
    this.name = 'StarlarkSyntaxError';
    this.position = position;
  }
}

/** A program that took more steps, memory or depth than it may. */
export class StarlarkLimitError extends StarlarkError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StarlarkLimitError';
  }
}

/** A value that cannot be a key of a dict or an element of a set. */
export class UnhashableError extends StarlarkError {
  constructor(type: string) {
    super(`unhashable type: ${type}`);
    this.name = 'UnhashableError';
  }
}

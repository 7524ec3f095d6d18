import { isConnectionFailure } from '../connection-failure.ts';
import { StoreUnavailableError } from '../store.ts';

/**
 * What PostgreSQL answered. Only its code and message are kept: details, context and the statement may contain what was
 * written, secrets included.
 */
export class DatabaseError extends Error {
  /** SQLSTATE, five characters. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(`PostgreSQL: ${message} (${code})`);
    this.name = 'DatabaseError';
    this.code = code;
  }
}

/** The connection is gone; whether the server has done what it was asked last is not known. */
export class ConnectionLostError extends Error {
  /** Whether the server was away, so that the next attempt may succeed; not where the two cannot come to terms. */
  readonly wasAway: boolean;

  constructor(reason: string, wasAway = true) {
    super(`the connection to PostgreSQL was lost: ${reason}`);
    this.name = 'ConnectionLostError';
    this.wasAway = wasAway;
  }
}

/** Classes of errors after which the server ends the session: operator intervention, broken connection. */
const ended = /^(57P0|08|25P03|25P04)/;
/** What the client library says, without a code, when the server goes away or does not answer. */
const goneAway = /^(Connection terminated|timeout expired)/;
/** What it says when it has no password to show. */
const noPassword = /client password must be a/;
/**
 * What lies in the state of the server and may pass. Out of resources (connections, disk), operator intervention (starting, ending, a statement
 * given up), system error, a lock that somebody holds (as a commit does that waits for a replica), following another server.
 */
export const temporary = /^(53|57|58|55P03|25006)/;

/** An error of the client library in words that may be logged. */
export function toDatabaseError(error: unknown): DatabaseError | ConnectionLostError {
  if (error instanceof DatabaseError || error instanceof ConnectionLostError) return error;
  if (!(error instanceof Error)) return new ConnectionLostError(String(error));
  const code = sqlState(error);
  if (code === undefined) {
    return new ConnectionLostError(reason(error), isConnectionFailure(error) || goneAway.test(error.message));
  }
  return ended.test(code)
    ? new ConnectionLostError(`${error.message} (${code})`, !code.startsWith('08'))
    : new DatabaseError(code, error.message);
}

/** Whether the same may succeed when it is tried again at once: deadlock or serialisation. */
export function isTransient(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40P01' || error.code === '40001');
}

/** Whether the server could not be used at this moment, and may be at another without anybody changing anything. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  return error instanceof ConnectionLostError
    ? error.wasAway
    : error instanceof DatabaseError && temporary.test(error.code);
}

/** Whether a failed transaction of somebody before was still open on the connection. */
export function isLeftOpen(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '25P02';
}

/** Whether one of the values that were sent is to blame, rather than the server's state. */
export function isDataError(error: unknown): boolean {
  return error instanceof DatabaseError && /^(22|23|54)/.test(error.code);
}

function sqlState(error: Error): string | undefined {
  const isState = 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
  // System errors have codes too (EPIPE); only answers of the server have a severity.
  return isState && 'severity' in error ? String(error.code) : undefined;
}

function reason(error: Error): string {
  if (noPassword.test(error.message)) return 'the server asks for a password, and none was given';
  const inner = error instanceof AggregateError ? error.errors.map((each) => reason(each)).join('; ') : '';
  return error.message || inner || error.name;
}

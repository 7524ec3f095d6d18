import { StoreUnavailableError } from '../store.ts';
import { ConnectionLostError, DatabaseError, temporary } from './database-error.ts';

/** An error as callers see it: what lies in the state of the database's server and may pass is `StoreUnavailableError`. */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof ConnectionLostError) return new StoreUnavailableError(error.message);
  if (error instanceof DatabaseError && temporary.test(error.code)) return new StoreUnavailableError(error.message);
  return error;
}

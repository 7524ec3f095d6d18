import { StatusError } from '../meta/status.ts';

/** The reason that a request's signal is aborted with when nobody waits for its answer any more. */
export class ClientGoneError extends StatusError {
  constructor() {
    super(504, 'Timeout', 'Timeout: the client no longer waits for the answer');
    this.name = 'ClientGoneError';
  }
}

/** Whether an abort means that nobody waits for the answer any more. */
export function isClientGone(reason: unknown): boolean {
  return reason instanceof ClientGoneError;
}

/** A cluster has refused a request, or does not answer. */
export class ClusterError extends Error {
  /** HTTP code of the answer; undefined when there was none. */
  readonly code: number | undefined;
  /** Reason of the Status, for instance `NotFound`. */
  readonly reason: string;

  constructor(message: string, code: number | undefined, reason: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
    this.reason = reason;
  }

  /** Whether it may go better at another time: nobody answered, or the server is busy or in trouble. */
  get transient(): boolean {
    return this.code === undefined || this.code === 429 || this.code >= 500;
  }
}

/** Whether an error is the refusal of a request with this code. */
export function isClusterError(error: unknown, code?: number): error is ClusterError {
  return error instanceof ClusterError && (code === undefined || error.code === code);
}

/** What an answer other than 2xx says. */
export function refusal(what: string, code: number, body: string): ClusterError {
  let message = body.slice(0, 500).trim();
  let reason = '';
  try {
    const status: unknown = JSON.parse(body);
    if (typeof status === 'object' && status !== null && 'message' in status) message = String(status.message);
    if (typeof status === 'object' && status !== null && 'reason' in status) reason = String(status.reason);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // proxies and overloaded servers answer with plain text
  }
  return new ClusterError(`${what}: ${message === '' ? `HTTP ${code}` : message}`, code, reason);
}

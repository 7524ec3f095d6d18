const codes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Whether an error, or one behind it, says that the other side cannot be reached for now: it may be starting, or its name may not be known
 * yet. A certificate that is not believed, or credentials that are refused, are something else: nothing but a change helps against those.
 */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.some(isConnectionFailure)) return true;
  const code = 'code' in error ? error.code : undefined;
  // Of a Unix socket, whose server makes the file.
  const noSocket = code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect';
  return codes.has(code) || noSocket || error.name === 'TimeoutError' || isConnectionFailure(error.cause);
}

/** How a request ends that a server has not begun: a client sends it to another one. The last is of a connection that has not come about. */
const notBegun: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_STREAM_CANCEL']);

/** Whether a request failed in one of these ways: HTTP/2 clients may send it again, whatever it asks for (RFC 9113, section 8.7). */
export function wasNotBegun(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (('code' in error && notBegun.has(error.code)) || error.message.includes('NGHTTP2_REFUSED_STREAM')) return true;
  return wasNotBegun(error.cause);
}

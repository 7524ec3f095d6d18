import type { Exchange } from './exchange.ts';
import { ownText } from './own-text.ts';

/** Characters of all headers together that a request keeps while it is carried out: those that are read by then are far shorter. */
const mostKept = 32 * 1024;
/** A value that is made of many others has more characters. */
const longestOne = 256;

/**
 * Lets go of a request's headers but for the shortest ones, as nobody asks for the others once it is known who sends it. A client of HTTP/2
 * can repeat a header thousands of times with a byte for each, and what Node makes of them takes megabytes for as long as the
 * request lasts.
 */
export function keepShortHeaders({ request, headers }: Pick<Exchange, 'request' | 'headers'>): void {
  request.rawHeaders.length = 0;
  const lengthOf = (name: string): number => headers[name]?.length ?? 0;
  let kept = 0;
  for (const name of Object.keys(headers).sort((a, b) => lengthOf(a) - lengthOf(b))) {
    const value = headers[name];
    kept += name.length + lengthOf(name);
    if (kept > mostKept) delete headers[name];
    else if (typeof value === 'string' && value.length > longestOne) headers[name] = ownText(value);
  }
}

/** A path and query of fewer characters costs less to keep than to let go of. */
const longTarget = 1024;

/**
 * Lets go of all headers of a request that has been answered, and of a long query: a client that takes no answers, or sends no bodies, may
 * have thousands of such requests.
 */
export function forgetRequest({
  request,
  headers,
  query,
  targetLength,
}: Pick<Exchange, 'request' | 'headers' | 'query' | 'targetLength'>): void {
  request.rawHeaders.length = 0;
  for (const name of Object.keys(headers)) delete headers[name];
  if (targetLength < longTarget) return;
  request.url = '';
  for (const name of new Set(query.keys())) query.delete(name);
}

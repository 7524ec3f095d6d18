import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { statusErrors } from '../../meta/status.ts';
import { parseQuery } from '../query.ts';
import { parseRequestInfo } from '../request-info.ts';

/** A part of RFC 6455 that no key contains by chance. */
const keySuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const tokenPrefix = 'base64url.bearer.authorization.k8s.io.';

const namesOf = (header: string | undefined): string[] =>
  (header ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));

/** What a request for another protocol is told by. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Whether a request wants a watch as messages of a WebSocket. All others that ask for another protocol are answered in this one. */
export function wantsWatchSocket({ method = '', url = '', headers }: UpgradeRequest): boolean {
  if (method !== 'GET' || !namesOf(headers.upgrade).some((name) => name.toLowerCase() === 'websocket')) return false;
  if (headers['sec-websocket-version'] !== '13' || (headers['sec-websocket-key'] ?? '') === '') return false;
  const [path = '', ...query] = url.split('?');
  try {
    const parameters = parseQuery(query.join('?'));
    return parameters !== undefined && parseRequestInfo(method, path, parameters).verb === 'watch';
  } catch {
    return false; // a path that cannot be read is refused where all requests are
  }
}

/** The header that shows a client that its key has been understood. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${keySuffix}`).digest('base64');
}

/** The subprotocol to agree on: the first that is no token. */
export function protocolOf(headers: IncomingHttpHeaders): string | undefined {
  return namesOf(headers['sec-websocket-protocol']).find((name) => !name.startsWith(tokenPrefix));
}

/**
 * Browsers cannot send an Authorization header with a WebSocket; Kubernetes lets them send the token as a subprotocol. It is taken out of
 * the headers and put where tokens belong.
 * @throws StatusError 401 where it cannot be read
 */
export function takeToken(headers: IncomingHttpHeaders): void {
  const names = namesOf(headers['sec-websocket-protocol']);
  const tokens = names.filter((name) => name.startsWith(tokenPrefix));
  if (tokens.length === 0) return;
  headers['sec-websocket-protocol'] = names.filter((name) => !name.startsWith(tokenPrefix)).join(', ');
  const encoded = tokens[0]?.slice(tokenPrefix.length) ?? '';
  if (tokens.length > 1 || !/^[\w-]+$/.test(encoded)) throw statusErrors.unauthorized();
  headers.authorization = `Bearer ${Buffer.from(encoded, 'base64url').toString('utf8')}`;
}

/** The origin of the page that a browser asks for, where that is not the server's own. */
export function foreignOrigin({ origin, host }: IncomingHttpHeaders): string | undefined {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host ? undefined : origin;
}

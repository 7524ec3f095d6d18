import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { AuditRecord } from '../auth/audit/audit-record.ts';
import { anonymous, type UserInfo } from '../auth/user.ts';
import type { AnswerAssembly } from './large-objects.ts';
import { ownText } from './own-text.ts';
import { parseQuery } from './query.ts';
import type { RequestInfo } from './request-info.ts';
import type { RequestPlace } from './request-places.ts';
import type { UnsentBytes } from './unsent-bytes.ts';
import { createWarnings, type Warnings } from './warnings.ts';

/** A request of either protocol. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;

/** What HTTP/1.1 and HTTP/2 responses have in common, as far as this server uses it. */
export interface HttpResponse {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableLength: number;
  setHeader(name: string, value: string | readonly string[]): unknown;
  write(chunk: Uint8Array): boolean;
  end(chunk?: Uint8Array): unknown;
  on(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): unknown;
  once(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): unknown;
  off(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): unknown;
}

/** One request and its answer, on their way through the filters, which fill in what they find out. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly method: string;
  readonly path: string;
  /** Characters of the path and the query as they were sent. */
  readonly targetLength: number;
  /** Empty where the request has too many parameters. */
  readonly query: URLSearchParams;
  /** Whether there are more parameters than any request needs, for which it is refused. */
  readonly hasTooManyParameters: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly userAgent: string;
  readonly receivedAt: number;
  readonly warnings: Warnings;
  /** Aborted with the reason when the client goes away, the deadline passes or the server stops. */
  readonly abort: AbortController;
  /** Bytes of the body that have been read, and of the answer that have been handed over, for the metrics. */
  receivedBytes: number;
  sentBytes: number;
  /** Its place among those of its class that are under way, of which there are so many. */
  place?: RequestPlace;
  /** Where what waits for slow clients is counted, and what requests keep of long queries. */
  unsent?: UnsentBytes;
  /** Its large objects, which are counted for themselves. */
  assembly?: AnswerAssembly;
  /** Whether the server gave the request up to protect itself. */
  terminated?: boolean;
  auditId: string;
  /** The trace that the request belongs to, where there is one (W3C Trace Context). */
  traceId?: string | undefined;
  info: RequestInfo;
  user: UserInfo;
  /** Whether the certificate of the connection says nothing of who asks. */
  onlyByToken?: boolean;
  /** Whether the sender has been let past the authentication. Said only where requests are recorded. */
  authenticated?: boolean;
  /** What is recorded of the request, if anything is. */
  audit?: AuditRecord;
  /** Who really makes the request, where they act as somebody else. */
  impersonator?: UserInfo;
}

/** Sends the headers now, without waiting for a body. */
export function flushHeaders(response: HttpResponse): void {
  const either = response as unknown as ServerResponse | Http2ServerResponse;
  // The types of Http2ServerResponse leave this method out, although it has it.
  (either as Pick<ServerResponse, 'flushHeaders'>).flushHeaders();
}

/**
 * Cuts the connection of a request short: the stream on HTTP/2, the socket on HTTP/1.1. Without an error, the stream ends in good
 * order, and what has been sent of an answer looks like the whole.
 */
export function cutShort(exchange: Exchange, error?: Error): void {
  const request = exchange.request;
  if ('stream' in request) request.stream.destroy(error);
  else request.destroy();
}

/** The TLS connection of a request, or undefined once it is gone. */
export function connectionOf(request: HttpRequest): TLSSocket | undefined {
  const socket = 'stream' in request ? request.stream?.session?.socket : request.socket;
  return socket as TLSSocket | undefined;
}

const origin = /^https?:\/\/[^/?]*/i;

/** Scheme and host may stand before the path: those who take this server for a proxy send them (RFC 9112, section 3.2.2). */
function splitTarget(given: string): { path: string; query: URLSearchParams | undefined } {
  const target = given.replace(origin, '').replace(/^(?=\?|$)/, '/');
  const mark = target.indexOf('?');
  if (mark < 0) return { path: target, query: new URLSearchParams() };
  return { path: ownText(target.slice(0, mark)), query: parseQuery(target.slice(mark + 1)) };
}

/** Whether a request with this method changes nothing. */
export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** The exchange as it enters the first filter. */
export function createExchange(
  request: HttpRequest,
  response: ServerResponse | Http2ServerResponse | HttpResponse,
  now: number,
): Exchange {
  const method = request.method ?? 'GET';
  const target = request.url ?? '/';
  const { path, query } = splitTarget(target);
  const userAgent = request.headers['user-agent'] ?? '';
  return {
    request,
    response: response as unknown as HttpResponse,
    method,
    path,
    targetLength: target.length,
    query: query ?? new URLSearchParams(),
    hasTooManyParameters: query === undefined,
    headers: request.headers,
    userAgent,
    receivedAt: now,
    warnings: createWarnings(),
    abort: new AbortController(),
    receivedBytes: 0,
    sentBytes: 0,
    auditId: '',
    info: { type: 'path', verb: method.toLowerCase(), path },
    user: anonymous,
  };
}

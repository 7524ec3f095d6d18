import type { IncomingHttpHeaders } from 'node:http';
import { type StatusError, statusErrors } from '../meta/status.ts';
import { readBody } from './body.ts';
import { connectionOf } from './exchange.ts';
import type { Filter } from './filter.ts';
import { RequestPlaces } from './request-places.ts';
import { sendBytes } from './respond.ts';

/** What is sent to an open endpoint. */
export interface OpenRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** What it answers: a document in JSON. */
export interface OpenAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Takes POST requests at one path from senders who have no identity here and prove themselves by what they send, such as a
 * signature over the body. Nothing is promised of the sender before `answer` has checked that: it throws
 * `statusErrors.unauthorized()` for all who fail, as the server does at every other path.
 */
export interface OpenEndpoint {
  readonly path: string;
  /** Beyond it 413. */
  readonly maxBodyBytes: number;
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyMs: number;
  /**
   * How many requests may be under way. With more, those whose bodies are slow to arrive are answered with 429, and then the new ones. They
   * take nothing from those of users.
   */
  readonly inFlight: number;
  answer(request: OpenRequest): Promise<OpenAnswer>;
}

/** Answers requests to open endpoints; all others, and other methods, go on. Stands before the authentication. */
export function openEndpointFilter(endpoints: readonly OpenEndpoint[]): Filter {
  const byPath = new Map(
    endpoints.map((endpoint) => [endpoint.path, { endpoint, places: new RequestPlaces(endpoint.inFlight) }]),
  );
  return async (exchange, next) => {
    const found = exchange.method === 'POST' ? byPath.get(exchange.path) : undefined;
    if (found === undefined) return await next();
    const { endpoint, places } = found;
    const tooMany = (): StatusError => {
      exchange.terminated = true;
      return statusErrors.tooManyRequests('too many requests, try again later', 1);
    };
    const address = connectionOf(exchange.request)?.remoteAddress ?? '';
    const place = places.take(address, () => exchange.abort.abort(tooMany()));
    if (place === undefined) throw tooMany();
    exchange.place = place;
    const late = setTimeout(
      () => exchange.abort.abort(statusErrors.timeout('the body of the request did not arrive in time')),
      endpoint.bodyMs,
    );
    try {
      const body = await readBody(exchange, { maxBodyBytes: endpoint.maxBodyBytes, bodyIdleMs: endpoint.bodyMs });
      clearTimeout(late);
      const answer = await endpoint.answer({ headers: exchange.headers, body, signal: exchange.abort.signal });
      await sendBytes(exchange, answer.status, 'application/json', Buffer.from(`${JSON.stringify(answer.body)}\n`));
    } finally {
      clearTimeout(late);
      place.leave();
    }
  };
}

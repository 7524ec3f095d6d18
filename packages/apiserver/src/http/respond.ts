import { once } from 'node:events';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import type { StaticAnswer } from '../discovery/static-answer.ts';
import { StatusError, statusErrors } from '../meta/status.ts';
import { contentTypes, errorForm } from '../negotiation/output-form.ts';
import { formatJson } from '../negotiation/text-format.ts';
import { StoreUnavailableError } from '../storage/store.ts';
import { cutShort, type Exchange } from './exchange.ts';

/** Answers larger than this are compressed for clients that ask. */
const compressAbove = 128 * 1024;
/** Bytes of a large object that are handed over at once. */
const pieceBytes = 256 * 1024;
const gzipOptions = { level: constants.Z_BEST_SPEED };
const gzipWhole = promisify(gzip);

function wantsGzip(exchange: Exchange): boolean {
  const header = String(exchange.headers['accept-encoding'] ?? '');
  const accepted = new Map<string, boolean>();
  for (const part of header.split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    accepted.set(coding, !parameters.some((text) => /^q=0(?:\.0*)?$/.test(text)));
  }
  // A star stands for those that are not named (RFC 9110, section 12.5.3).
  return accepted.get('gzip') ?? accepted.get('*') ?? false;
}

/** Sets the status and the headers that every answer has. */
export function prepareAnswer(exchange: Exchange, status: number, contentType: string): void {
  const { response } = exchange;
  exchange.audit?.answering(status);
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('cache-control', 'no-cache, private');
  response.setHeader('audit-id', exchange.auditId);
  const warnings = exchange.warnings.headers();
  if (warnings.length > 0) response.setHeader('warning', warnings);
}

/** Piece by piece, as the client takes it: handed over whole, it would be in memory once more, encrypted. */
async function endInPieces(exchange: Exchange, body: Buffer): Promise<void> {
  exchange.response.setHeader('content-length', String(body.length));
  for (let at = 0; at < body.length; at += pieceBytes) await writePiece(exchange, body.subarray(at, at + pieceBytes));
  exchange.response.end();
}

function endWith(exchange: Exchange, body: Buffer): void {
  exchange.response.setHeader('content-length', String(body.length));
  if (exchange.method === 'HEAD') exchange.response.end();
  else {
    exchange.sentBytes += body.length;
    exchange.response.end(body);
  }
}

/** Sends an answer that is complete, compressed where that pays. Further headers win over the usual ones. */
export async function sendBytes(
  exchange: Exchange,
  status: number,
  contentType: string,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  exchange.audit?.response(body, contentType);
  let sent = body;
  const compress = body.length > compressAbove && wantsGzip(exchange);
  if (compress) sent = await gzipWhole(body, gzipOptions);
  exchange.abort.signal.throwIfAborted();
  const inPieces = exchange.assembly?.holds === true && exchange.method !== 'HEAD';
  const release = inPieces ? undefined : exchange.unsent?.hold(exchange, sent.length);
  if (release !== undefined) exchange.response.once('close', release);
  prepareAnswer(exchange, status, contentType);
  if (compress) exchange.response.setHeader('content-encoding', 'gzip');
  for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value);
  if (body.length > compressAbove) {
    exchange.response.setHeader('vary', [headers['vary'], 'Accept-Encoding'].filter(Boolean).join(', '));
  }
  if (inPieces) await endInPieces(exchange, sent);
  else endWith(exchange, sent);
}

/**
 * Sends an answer that was made beforehand. One without a body (304) says nothing of its type and length: caches would take
 * that for news of the answer they keep.
 */
export async function sendFixed(exchange: Exchange, answer: StaticAnswer): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (answer.status !== 304) {
    const { 'content-type': type = 'application/json', ...others } = headers;
    await sendBytes(exchange, answer.status, type, answer.body, others);
    return;
  }
  const { response } = exchange;
  response.statusCode = 304;
  response.setHeader('audit-id', exchange.auditId);
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('content-')) response.setHeader(name, value);
  }
  response.end();
}

/** Sends a short text. */
export async function sendText(
  exchange: Exchange,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await sendBytes(exchange, status, 'text/plain; charset=utf-8', Buffer.from(text), {
    'x-content-type-options': 'nosniff',
    ...headers,
  });
}

/** Writes one piece of a body and waits while the client is behind. */
async function writePiece(exchange: Exchange, piece: Buffer): Promise<void> {
  const { signal } = exchange.abort;
  signal.throwIfAborted();
  exchange.sentBytes += piece.length;
  if (exchange.response.write(piece)) return;
  const release = exchange.assembly?.waitForClient() ?? exchange.unsent?.hold(exchange, piece.length);
  try {
    await once(exchange.response as unknown as NodeJS.EventEmitter, 'drain', { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    release?.();
  }
}

async function feed(chunks: AsyncIterable<Buffer>, into: ReturnType<typeof createGzip>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (into.destroyed) return;
      if (!into.write(chunk)) await once(into, 'drain');
    }
    into.end();
  } catch (error) {
    into.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

async function* compressed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const stream = createGzip(gzipOptions);
  const feeding = feed(chunks, stream);
  try {
    for await (const piece of stream) yield piece as Buffer;
    await feeding;
  } finally {
    stream.destroy();
  }
}

async function* withFirst(first: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/**
 * Sends a body as it is made. A body of one chunk goes out whole; of a longer one nothing more is made than the client
 * takes. Errors before the first two chunks are thrown while an error can still be answered.
 */
export async function sendChunks(
  exchange: Exchange,
  status: number,
  contentType: string,
  chunks: AsyncGenerator<Buffer>,
): Promise<void> {
  const first = await chunks.next();
  const second = first.done === true ? first : await chunks.next();
  const head = first.done === true ? Buffer.alloc(0) : first.value;
  if (second.done === true) {
    await sendBytes(exchange, status, contentType, head);
    return;
  }
  exchange.abort.signal.throwIfAborted();
  prepareAnswer(exchange, status, contentType);
  exchange.response.setHeader('vary', 'Accept-Encoding');
  if (exchange.method === 'HEAD') {
    await chunks.return(undefined);
    exchange.response.end();
    return;
  }
  let pieces: AsyncIterable<Buffer> = withFirst([head, second.value], chunks);
  if (wantsGzip(exchange)) {
    exchange.response.setHeader('content-encoding', 'gzip');
    pieces = compressed(pieces);
  }
  for await (const piece of pieces) await writePiece(exchange, piece);
  exchange.response.end();
}

/**
 * The error as it is answered. One that nobody expected may say anything, so its text stays in the log; the answer has the
 * id to find it by.
 */
export function asStatusError(error: unknown, auditId: string): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof StoreUnavailableError) return unavailable(error);
  return statusErrors.internal(`unexpected error; the server's log has it under audit id ${auditId}`, { cause: error });
}

function unavailable(error: StoreUnavailableError): StatusError {
  if (error.outcomeUnknown) {
    // No Retry-After: clients that see one send the same again by themselves.
    return statusErrors.serviceUnavailable(
      'the database was lost during the write, which it may or may not have made: look before you try again',
      { cause: error },
    );
  }
  const message = 'the database cannot be reached at the moment; try again later';
  const status = statusErrors.serviceUnavailable(message, { cause: error });
  status.status.details = { retryAfterSeconds: 1 };
  return status;
}

/** Answers with an error; when the answer has already begun, the stream is cut so that nobody takes it for whole. */
export function sendError(exchange: Exchange, error: StatusError): void {
  const { response } = exchange;
  if (response.headersSent) {
    if (!response.writableEnded) cutShort(exchange, error);
    return;
  }
  const { format, pretty } = errorForm(exchange.headers.accept, exchange.query, exchange.userAgent);
  prepareAnswer(exchange, error.code, contentTypes[format]);
  const retryAfter = error.status.details?.retryAfterSeconds ?? 0;
  if (retryAfter > 0) response.setHeader('retry-after', String(retryAfter));
  if (error.code === 413 && !('stream' in exchange.request)) response.setHeader('connection', 'close');
  const compact = JSON.stringify(error.status);
  endWith(exchange, Buffer.from(format === 'json' && !pretty ? compact : formatJson(compact, format)));
}

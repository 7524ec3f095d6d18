import type { Readable } from 'node:stream';
import { StatusError, statusErrors } from '../meta/status.ts';
import type { Exchange } from './exchange.ts';
import { GatheredBytes } from './gathered-bytes.ts';

/**
 * A body that is too large is read on for a while and thrown away: a client that is still sending when the connection
 * closes never sees the answer.
 */
const drained = 16 * 1024 * 1024;

/** What the body of a request must keep to. */
export interface BodyLimits {
  /** Bytes. */
  readonly maxBodyBytes: number;
  /** How long its next piece may take to come, in milliseconds. */
  readonly bodyIdleMs: number;
}

/**
 * Reads a request's body. Ends early with the exchange's abort reason.
 * @throws StatusError 413 beyond the largest size, 408 when it stops coming, 400 when the client breaks off
 */
export async function readBody(exchange: Exchange, limits: BodyLimits): Promise<Buffer> {
  const { maxBodyBytes: limit, bodyIdleMs } = limits;
  const request: Readable = exchange.request;
  const declared = Number(exchange.headers['content-length'] ?? 0);
  const tooLarge = (): StatusError => statusErrors.tooLarge(`limit is ${limit}`);
  if (declared > limit + drained) throw tooLarge();
  const signal = exchange.abort.signal;
  signal.throwIfAborted();
  exchange.place?.waitsForBody(true);
  return await new Promise<Buffer>((resolve, reject) => {
    const gathered = new GatheredBytes();
    let length = 0;
    const idle = setTimeout(() => done(() => reject(stoppedComing(bodyIdleMs))), bodyIdleMs);
    const done = (finish: () => void): void => {
      clearTimeout(idle);
      exchange.place?.waitsForBody(false);
      request.off('data', onData).off('end', onEnd).off('error', onError).off('aborted', onAborted);
      signal.removeEventListener('abort', onSignal);
      finish();
    };
    const onData = (chunk: Buffer): void => {
      idle.refresh();
      length += chunk.length;
      exchange.receivedBytes = length;
      if (length <= limit) gathered.add(chunk);
      else if (length > limit + drained) done(() => reject(tooLarge()));
    };
    const onEnd = (): void => {
      if (length > limit) done(() => reject(tooLarge()));
      else {
        const body = gathered.take();
        exchange.audit?.request(body, exchange.headers['content-type'] ?? '');
        done(() => resolve(body));
      }
    };
    const onError = (error: Error): void =>
      done(() => reject(statusErrors.badRequest('the request body could not be read', { cause: error })));
    const onAborted = (): void =>
      done(() => reject(statusErrors.badRequest('the client closed the connection before the whole body had arrived')));
    const onSignal = (): void => done(() => reject(signal.reason));
    request.on('data', onData).on('end', onEnd).on('error', onError).on('aborted', onAborted);
    signal.addEventListener('abort', onSignal);
  });
}

function stoppedComing(idleMs: number): StatusError {
  const message = `nothing more of the request body has come for ${idleMs / 1000} s`;
  return new StatusError(408, 'Timeout', message, {});
}

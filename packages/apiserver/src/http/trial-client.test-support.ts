import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import type { KeyPair } from '../auth/certificates.ts';

/** JSON as it comes back; tests look into whatever it is. */
export type Answered = ReturnType<typeof JSON.parse>;

/** An answer in full. */
export interface TrialAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  json(): Answered;
}

/** An answer whose body is still coming. */
export interface TrialStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Leaves. */
  leave(): void;
}

/** What is asked. Objects as body are sent as JSON. */
export interface TrialRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A client of one protocol, for tests. */
export interface TrialClient {
  readonly protocol: 'http/1.1' | 'h2';
  open(path: string, request?: TrialRequest): Promise<TrialStream>;
  send(path: string, request?: TrialRequest): Promise<TrialAnswer>;
  close(): void;
}

type Target = { readonly url: string; readonly authority: { readonly certificate: string } };

function bodyOf(request: TrialRequest): Buffer | undefined {
  const { body } = request;
  if (body === undefined || Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

async function collect(stream: TrialStream): Promise<TrialAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream.body) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return { status: stream.status, headers: stream.headers, body, json: () => JSON.parse(body.toString('utf8')) };
}

/** A client that speaks HTTP/1.1. */
export function http1Client(target: Target, identity?: KeyPair): TrialClient {
  const agent = new Agent({
    ca: target.authority.certificate,
    cert: identity?.certificate,
    key: identity?.key,
    keepAlive: true,
  });
  const open: TrialClient['open'] = async (path, request = {}) => {
    const body = bodyOf(request);
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const outgoing = httpsRequest(`${target.url}${path}`, {
      agent,
      method: request.method ?? 'GET',
      headers: { ...length, ...request.headers },
    });
    outgoing.end(body);
    const [incoming] = await once(outgoing, 'response');
    return { status: incoming.statusCode, headers: incoming.headers, body: incoming, leave: () => outgoing.destroy() };
  };
  return {
    protocol: 'http/1.1',
    open,
    send: async (path, request) => collect(await open(path, request)),
    close: () => agent.destroy(),
  };
}

function openHttp2(session: ClientHttp2Session, path: string, request: TrialRequest): ClientHttp2Stream {
  const body = bodyOf(request);
  const stream = session.request(
    { ':path': path, ':method': request.method ?? 'GET', ...request.headers },
    { endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  return stream;
}

/** A client that speaks HTTP/2 over one connection. */
export function http2Client(
  target: Target,
  identity?: KeyPair,
): TrialClient & { readonly session: ClientHttp2Session } {
  const session = connectHttp2(target.url, {
    ca: target.authority.certificate,
    cert: identity?.certificate,
    key: identity?.key,
    maxSendHeaderBlockLength: 1024 * 1024,
  });
  const open: TrialClient['open'] = async (path, request = {}) => {
    const stream = openHttp2(session, path, request);
    const [headers] = await once(stream, 'response');
    return { status: Number(headers[':status']), headers, body: stream, leave: () => stream.close() };
  };
  return {
    protocol: 'h2',
    session,
    open,
    send: async (path, request) => collect(await open(path, request)),
    close: () => session.destroy(),
  };
}

/** Reads the events of a watch one after the other. */
export async function* watchEvents(stream: TrialStream): AsyncGenerator<{ type: string; object: Answered }> {
  let rest = '';
  for await (const chunk of stream.body) {
    rest += (chunk as Buffer).toString('utf8');
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
}

import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import type { Connection } from './kubeconfig.ts';

/** JSON as it comes back; tests look into whatever it is. */
export type Json = ReturnType<typeof JSON.parse>;

/** An answer in full. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, read as JSON. */
  readonly json: Json;
}

/** An answer whose body is still coming. */
export interface Stream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Leaves without waiting for the end. */
  leave(): void;
}

/** Speaks to the server as one identity, or as nobody. */
export interface ApiClient {
  open(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Stream>;
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): void;
}

export type Protocol = 'h2' | 'http/1.1';

/** A client of the given protocol. HTTP/2 uses one connection; a broken one is replaced by the next request. */
export function apiClient(connection: Connection, protocol: Protocol = 'h2'): ApiClient {
  const { open, close } = protocol === 'h2' ? http2(connection) : http1(connection);
  return {
    open,
    close,
    async send(method, path, body, headers) {
      const stream = await open(method, path, body, headers);
      const chunks: Buffer[] = [];
      for await (const chunk of stream.body) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      return {
        status: stream.status,
        headers: stream.headers,
        text,
        get json() {
          return JSON.parse(text);
        },
      };
    },
  };
}

type Transport = Pick<ApiClient, 'open' | 'close'>;

function encode(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function headersFor(body: Buffer | undefined, headers: Readonly<Record<string, string>>): Record<string, string> {
  return {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(body.length) }),
    ...headers,
  };
}

const tls = ({ authority, certificate, key }: Connection) => ({
  ca: authority,
  ...(certificate === undefined ? {} : { cert: certificate }),
  ...(key === undefined ? {} : { key }),
});

function http2(connection: Connection): Transport {
  let session: ClientHttp2Session | undefined;
  const current = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(connection.address, tls(connection));
      // Each request hears of a broken connection itself.
      session.on('error', () => undefined);
    }
    return session;
  };
  return {
    async open(method, path, body, headers = {}) {
      const payload = encode(body);
      const stream = current().request(
        { ':path': path, ':method': method, ...headersFor(payload, headers) },
        { endStream: payload === undefined },
      );
      const answered = once(stream, 'response');
      if (payload !== undefined) stream.end(payload);
      const closed = once(stream, 'close').then(() => {
        throw new Error(`the connection closed before ${method} ${path} was answered`);
      });
      closed.catch(() => undefined); // one of the two is always left over
      const [answer] = await Promise.race([answered, closed]);
      return { status: Number(answer[':status']), headers: answer, body: stream, leave: () => stream.close() };
    },
    close: () => session?.destroy(),
  };
}

function http1(connection: Connection): Transport {
  const agent = new Agent({ ...tls(connection), keepAlive: true });
  return {
    async open(method, path, body, headers = {}) {
      const payload = encode(body);
      const outgoing = httpsRequest(`${connection.address}${path}`, {
        agent,
        method,
        headers: headersFor(payload, headers),
      });
      outgoing.end(payload);
      const [incoming] = await once(outgoing, 'response');
      return {
        status: incoming.statusCode,
        headers: incoming.headers,
        body: incoming,
        leave: () => outgoing.destroy(),
      };
    },
    close: () => agent.destroy(),
  };
}

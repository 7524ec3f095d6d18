import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';

/** Who a client is and whom it believes; PEM. */
export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A request; objects as body are sent as JSON. */
export interface Request {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An answer in full. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** One HTTP/2 connection, as clients in Go set it up: large windows, no compression. */
export interface Connection {
  /** Sends what was prepared and gives the whole answer, whatever its status. @throws Error when the connection ends before it */
  send(path: string, request?: Request): Promise<Answer>;
  /** Opens a stream and gives it once its headers have come. @throws Error when the status is not 200, or none comes */
  open(path: string): Promise<ClientHttp2Stream>;
  close(): void;
}

const windowBytes = 4 * 1024 * 1024;

/** Connects. */
export async function openConnection(address: string, credentials: Credentials): Promise<Connection> {
  const session = connect(address, { ...credentials, settings: { initialWindowSize: windowBytes, enablePush: false } });
  await once(session, 'connect');
  // Each request hears of a broken connection itself.
  session.on('error', () => undefined);
  session.setLocalWindowSize(1024 * 1024 * 1024);
  return {
    send: (path, request = {}) => send(session, path, request),
    async open(path) {
      const stream = session.request({ ':path': path });
      const [headers] = await Promise.race([once(stream, 'response'), once(stream, 'close')]);
      if (headers === undefined) throw new Error(`the connection closed before ${path} was answered`);
      if (headers[':status'] !== 200) throw new Error(`${path}: status ${headers[':status']}`);
      return stream;
    },
    close: () => session.destroy(),
  };
}

async function send(session: ClientHttp2Session, path: string, request: Request): Promise<Answer> {
  const { method = 'GET', body, headers } = request;
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const type = bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length };
  const stream = session.request(
    { ':path': path, ':method': method, accept: 'application/json', ...type, ...headers },
    { endStream: bytes === undefined },
  );
  if (bytes !== undefined) stream.end(bytes);
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  let status = 0;
  stream.on('response', (answer) => (status = Number(answer[':status'])));
  await once(stream, 'end');
  if (stream.rstCode !== 0) throw new Error(`the connection closed before ${method} ${path} was answered`);
  return { status, body: Buffer.concat(chunks) };
}

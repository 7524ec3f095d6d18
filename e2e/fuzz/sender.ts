import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import type { Connection } from '../harness/kubeconfig.ts';
import { describeRequest, type FuzzRequest } from './fuzz-request.ts';

/** What came back; undefined status: the connection refused the request before HTTP could answer it. */
export interface FuzzAnswer {
  readonly status: number | undefined;
  readonly contentType: string;
  readonly text: string;
}

/** Much longer than anything takes, so that a request which is never answered is told apart from a slow one. */
const hangsAfterMs = 180_000;

const refused: FuzzAnswer = { status: undefined, contentType: '', text: '' };

function credentials({ authority, certificate, key }: Required<Connection>) {
  return { ca: authority, cert: certificate, key };
}

function isOpenEnded({ target }: FuzzRequest): boolean {
  return /[?&]watch/.test(target);
}

async function collect(stream: ClientHttp2Stream, request: FuzzRequest): Promise<FuzzAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<FuzzAnswer>();
  const chunks: Buffer[] = [];
  let status: number | undefined;
  let contentType = '';
  const finish = (): void => resolve({ status, contentType, text: Buffer.concat(chunks).toString('utf8') });
  const timer = setTimeout(() => {
    reject(new Error(`never answered:\n${describeRequest(request)}`));
    stream.destroy();
  }, hangsAfterMs);
  stream.on('response', (headers) => {
    status = Number(headers[':status']);
    contentType = String(headers['content-type'] ?? '');
    // The beginning of a watch is enough.
    if (status === 200 && isOpenEnded(request)) {
      finish();
      stream.close();
    }
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A stream that fails is one that closes, with or without an answer.
  stream.on('error', () => undefined);
  stream.on('close', finish);
  if (request.body !== undefined) stream.end(request.body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Sends requests over one HTTP/2 connection, which is replaced when it breaks. */
export class FuzzSender {
  readonly #connection: Required<Connection>;
  #session: ClientHttp2Session | undefined;

  constructor(connection: Required<Connection>) {
    this.#connection = connection;
  }

  async send(request: FuzzRequest): Promise<FuzzAnswer> {
    const { method, target, headers, body } = request;
    const session = this.#current();
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({ ...headers, ':method': method, ':path': target }, { endStream: body === undefined });
    } catch {
      return refused; // by the client, which does not send just anything
    }
    return await collect(stream, request);
  }

  close(): void {
    this.#session?.destroy();
  }

  #current(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = connect(this.#connection.address, credentials(this.#connection));
      // Each request hears of a broken connection itself.
      this.#session.on('error', () => undefined);
    }
    return this.#session;
  }
}

/** Sends bytes over a connection of their own, closes its sending side, and gives all that comes back. */
export async function sendRaw(connection: Required<Connection>, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(connection.address);
  const options = { ...credentials(connection), host: hostname, port: Number(port), ALPNProtocols: ['http/1.1'] };
  const socket = connectTls(options);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined); // what came before it counts
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on('close', () => resolve());
  socket.end(bytes);
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

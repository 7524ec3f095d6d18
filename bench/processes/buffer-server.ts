/** A process that does as little as a server can: it sends one buffer over HTTP/2 and TLS, to one stream or to many. */
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { childReady, childSettings } from './child.ts';

/** Settings: the same kind of certificates that the measured server has. */
export interface BufferServerSettings {
  readonly key: string;
  readonly cert: string;
  readonly clientCa: string;
}

/** What it says when it is ready. */
export interface BufferServerReady {
  readonly port: number;
}

const { key, cert, clientCa } = childSettings<BufferServerSettings>();
const watchers = new Set<ServerHttp2Stream>();
let kept: Buffer = Buffer.alloc(0);

const head = { ':status': 200, 'content-type': 'application/json' };
const answers: Readonly<Record<string, (stream: ServerHttp2Stream) => void | Promise<void>>> = {
  'PUT /buffer': async (stream) => {
    kept = await buffer(stream);
    stream.respond(head, { endStream: true });
  },
  'GET /buffer': (stream) => {
    stream.respond({ ...head, 'content-length': kept.length });
    stream.end(kept);
  },
  'GET /watch': (stream) => {
    watchers.add(stream);
    stream.once('close', () => watchers.delete(stream));
    stream.respond(head);
  },
  'POST /broadcast': async (stream) => {
    await buffer(stream);
    for (const watcher of watchers) watcher.write(kept);
    stream.respond({ ...head, 'content-length': kept.length });
    stream.end(kept);
  },
};

const server = createSecureServer({
  key,
  cert,
  ca: clientCa,
  requestCert: true,
  rejectUnauthorized: true,
  settings: { maxConcurrentStreams: 1000, initialWindowSize: 1024 * 1024 },
});
server.on('secureConnection', (socket) => socket.setNoDelay(true));
server.on('stream', (stream: ServerHttp2Stream, headers) => {
  stream.on('error', () => stream.destroy()); // a client that leaves while it is written to
  const answer = answers[`${headers[':method']} ${headers[':path']}`];
  if (answer === undefined) stream.respond({ ':status': 404 }, { endStream: true });
  else Promise.resolve(answer(stream)).catch((error: Error) => stream.destroy(error));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  childReady({ port } satisfies BufferServerReady, async () => {
    for (const watcher of watchers) watcher.destroy();
  });
});

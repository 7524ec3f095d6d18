import type { ServerOptions } from 'node:http';
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { ServerLimits, ServingTls } from './server-options.ts';
import { wantsWatchSocket } from './web-socket/handshake.ts';

/** The sockets and HTTP/2 sessions of a server. */
export interface Connections {
  readonly server: Http2SecureServer;
  /**
   * Asks HTTP/2 clients to make new requests on other connections, and waits until they have heard of it. What they send until then
   * is served (RFC 9113, section 6.8).
   */
  askToLeave(): Promise<void>;
  /** Stops listening, tells HTTP/2 clients to go away, and closes connections that have nothing under way. */
  closeGracefully(): Promise<void>;
  /** From the next connection on. @throws Error for a key or certificates that cannot be used */
  setTls(tls: ServingTls): void;
  /** Ends every connection at once. */
  destroyAll(): void;
}

/** Room for the bodies of requests: per stream, and for all streams of a connection. */
const streamWindow = 1024 * 1024;
const sessionWindow = 2 * 1024 * 1024;
/**
 * Bytes of all header fields of a request, with its path: as many as Go's servers take. Selectors name thousands of values, and a proxy
 * names the groups of a user one by one.
 */
const headerBytes = 1024 * 1024;
/**
 * How many fields they may be; Node's own limits of 128 (HTTP/2) and 1000 would shut out users with many groups. A client that repeats a
 * field sends a byte for each, and the server needs hundreds.
 */
const headerFields = 4000;
/** Dead peers are found out by TCP, half a minute after the last byte. */
const keepAliveMs = 30_000;
/** How long a client may take to say that it has heard that it shall leave. */
const leaveMs = 1_000;
/** As the last stream that is served: any. */
const anyStream = 2 ** 31 - 1;
/** How late it may be found out that an HTTP/1.1 client takes too long. */
const slowestCheckMs = 2_000;
/**
 * Megabytes that an HTTP/2 connection may hold; beyond it, new requests on it are refused. Watches that are stalled hold the most, a
 * quarter of a megabyte each (`WaitingPieces` of watches, while few wait), and a connection may have a thousand of them.
 */
const sessionMegabytes = 320;

function prepareSession(session: ServerHttp2Session, limits: ServerLimits): void {
  session.setLocalWindowSize(sessionWindow);
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(limits.idleMs, () => {
    if (streams === 0) session.close();
  });
  endWhenDeaf(session, limits.pingMs);
}

/** Ends a connection whose peer answers no pings: its kernel may go on to acknowledge bytes when nobody reads them any more. */
function endWhenDeaf(session: ServerHttp2Session, pingMs: number): void {
  let answered = true;
  const timer = setInterval(() => {
    if (session.destroyed) return;
    if (!answered) return void session.destroy();
    answered = false;
    session.ping((error) => {
      answered = error === null;
    });
  }, pingMs);
  timer.unref();
  session.once('close', () => clearInterval(timer));
}

/** Announces the end of a connection, and resolves when its peer has had time to take notice. */
function askOneToLeave(session: ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, leaveMs);
    const heard = (): void => {
      clearTimeout(timer);
      resolve();
    };
    session.once('close', heard);
    session.goaway(constants.NGHTTP2_NO_ERROR, anyStream);
    session.ping(heard);
  });
}

function secureContext({ key, cert, clientCa }: ServingTls) {
  return { key, cert, ca: typeof clientCa === 'string' ? clientCa : [...clientCa], minVersion: 'TLSv1.2' } as const;
}

/** A TLS server for HTTP/2 and HTTP/1.1 that keeps account of its connections. */
export function createConnections(tls: ServingTls, limits: ServerLimits): Connections {
  const http1Options: ServerOptions = {
    maxHeaderSize: headerBytes,
    headersTimeout: limits.handshakeMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(limits.handshakeMs, slowestCheckMs),
  };
  const server = createSecureServer({
    allowHTTP1: true,
    ...secureContext(tls),
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: limits.handshakeMs,
    settings: {
      maxConcurrentStreams: limits.maxConcurrentStreams,
      initialWindowSize: streamWindow,
      maxHeaderListSize: headerBytes,
      enablePush: false,
    },
    maxHeaderListPairs: headerFields,
    maxSessionMemory: sessionMegabytes,
    http1Options,
    streamResetBurst: limits.resets.burst,
    streamResetRate: limits.resets.perSecond,
  });
  // Node does not take these from the options for HTTP/1.1.
  Object.assign(server, { shouldUpgradeCallback: wantsWatchSocket, maxHeadersCount: headerFields });

  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    prepareSession(session, limits);
  });

  return {
    server,
    setTls: (renewed) => server.setSecureContext(secureContext(renewed)),
    async askToLeave() {
      const live = [...sessions].filter((session) => !session.destroyed && !session.closed);
      await Promise.all(live.map(askOneToLeave));
    },
    async closeGracefully() {
      const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
      server.close();
      const live = [...sessions].filter((session) => !session.destroyed); // a destroyed one has no socket any more
      const http2 = new Set(live.map((session) => session.socket.remotePort));
      for (const session of live) if (!session.closed) session.close();
      for (const socket of sockets) if (!http2.has(socket.remotePort)) socket.end();
      await closed;
    },
    destroyAll() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

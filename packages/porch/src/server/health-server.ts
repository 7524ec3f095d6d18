import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair, MetricsRegistry } from '@porch/apiserver';
import { reachable } from './reachable.ts';

/** Where it listens, and what it tells. */
export interface HealthServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** Shown to clients, which speak HTTPS then. */
  readonly tls?: KeyPair;
  /** None while the process starts: then everything else is answered 503. */
  readonly metrics?: MetricsRegistry;
  /** Rejects while the process cannot do its work. */
  readonly check: () => Promise<unknown>;
}

/** Tells how a process is that serves nothing else, or not yet. */
export interface HealthServer {
  /** `http://127.0.0.1:9444`, or `https://`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Listens. `/livez` and `/healthz` answer 200 while the process runs, `/readyz` only while it can do its work, else 503; `/metrics` has
 * what Prometheus collects. Nothing here is secret, and nobody is asked who they are.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, request.url ?? '', response).catch((error: Error) => response.destroy(error));
  };
  const { tls } = options;
  const server =
    tls === undefined ? createServer(listener) : createSecureServer({ key: tls.key, cert: tls.certificate }, listener);
  server.listen(options.listen.port, options.listen.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `${tls === undefined ? 'http' : 'https'}://${reachable(options.listen.host)}:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer({ metrics, check }: HealthServerOptions, url: string, response: ServerResponse): Promise<void> {
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type }).end(text);
  };
  switch (url.split('?', 1)[0]) {
    case '/livez':
    case '/healthz':
      return say(200, 'ok');
    case '/readyz':
      try {
        await check();
      } catch (error) {
        return say(503, `not ready: ${error instanceof Error ? error.message : String(error)}`);
      }
      return say(200, 'ok');
    case '/metrics': {
      if (metrics === undefined) return sayStarting(response);
      const { contentType, text } = await metrics.exposition();
      return say(200, text, contentType);
    }
    default:
      return metrics === undefined ? sayStarting(response) : say(404, 'not found');
  }
}

/** Clients of Kubernetes try again when they are told so. */
function sayStarting(response: ServerResponse): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server is starting, and waits for its database or its cluster; its log says why',
    reason: 'ServiceUnavailable',
    code: 503,
  };
  response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' }).end(JSON.stringify(status));
}

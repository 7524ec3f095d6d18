import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsRegistry } from '@porch/apiserver';
import { reachable } from './reachable.ts';

/** Where it listens, and what it tells. */
export interface HealthServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly metrics: MetricsRegistry;
  /** Rejects while the process cannot do its work. */
  readonly check: () => Promise<unknown>;
}

/** Tells over plain HTTP how a process is that serves nothing else. */
export interface HealthServer {
  /** `http://127.0.0.1:9444`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Listens. `/livez` and `/healthz` answer 200 while the process runs, `/readyz` only while it can do its work, else 503; `/metrics` has
 * what Prometheus collects. Nothing here is secret, and nobody is asked who they are.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(options, request.url ?? '', response).catch((error: Error) => response.destroy(error));
  });
  server.listen(options.listen.port, options.listen.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${reachable(options.listen.host)}:${port}`,
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
      const { contentType, text } = await metrics.exposition();
      return say(200, text, contentType);
    }
    default:
      return say(404, 'not found');
  }
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { apiClient } from './api-client.ts';
import { eventually } from './eventually.ts';
import type { Porch } from './porch.ts';

/** How often servers are asked whether they are ready. */
const intervalMs = 50;

/** A load balancer like a Kubernetes Service: it hands each new connection to a server that was ready when last asked. */
export interface Balancer {
  readonly address: string;
  /** Waits until all servers were ready when they were last asked. */
  allReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts it; each server is asked for the first time before this resolves. */
export async function startBalancer(servers: readonly Porch[]): Promise<Balancer> {
  const ready = new Map<string, boolean>();
  const sockets = new Set<Socket>();
  let turn = 0;
  let closing = false;

  const look = async (): Promise<void> => {
    const found = await Promise.all(
      servers.map(async ({ connection }): Promise<readonly [string, boolean]> => {
        const client = apiClient(connection); // a connection of its own, as probes have
        const isReady = await client.send('GET', '/readyz').then(
          ({ status }) => status === 200,
          () => false,
        );
        client.close();
        return [connection.address, isReady];
      }),
    );
    ready.clear();
    for (const [address, isReady] of found) ready.set(address, isReady);
  };
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  const listener = createServer({ allowHalfOpen: true }, (inner) => {
    const targets = [...ready].flatMap(([address, isReady]) => (isReady ? [new URL(address)] : []));
    const target = targets[turn++ % targets.length];
    if (target === undefined) return void inner.destroy();
    const outer = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      keep(from);
      from.on('error', () => to.destroy()); // the other end learns of it
      from.pipe(to);
    }
  });
  await look();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const looking = (async () => {
    while (!closing) {
      await pause(intervalMs);
      await look();
    }
  })();
  return {
    address: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    allReady: () => eventually('servers that are all ready', async () => [...ready.values()].every(Boolean)),
    async close() {
      closing = true;
      await looking;
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

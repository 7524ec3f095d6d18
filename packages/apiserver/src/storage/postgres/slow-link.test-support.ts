/** Stands between a client and a PostgreSQL server, and lets through only so many bytes a second once it is told to. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresConnection } from './options.ts';

const socketName = '.s.PGSQL.5432';

export class SlowLink {
  readonly connection: PostgresConnection;
  readonly #server: Server;
  readonly #directory: string;
  readonly #sockets = new Set<Socket>();
  /** In each direction of each connection. */
  bytesPerSecond = Number.POSITIVE_INFINITY;

  private constructor(server: Server, directory: string, target: PostgresConnection) {
    this.#server = server;
    this.#directory = directory;
    this.connection = { ...target, host: directory };
  }

  static async create(target: PostgresConnection): Promise<SlowLink> {
    const directory = await mkdtemp(join(tmpdir(), 'slow-'));
    const server = createServer();
    const link = new SlowLink(server, directory, target);
    server.on('connection', (client) => link.#join(client, createConnection(join(target.host, socketName))));
    server.listen(join(directory, socketName));
    await once(server, 'listening');
    return link;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await rm(this.#directory, { recursive: true, force: true });
  }

  #join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes: Buffer) => {
        to.write(bytes);
        const ms = (bytes.length / this.bytesPerSecond) * 1000;
        if (ms < 1) return;
        from.pause();
        setTimeout(() => from.resume(), ms);
      });
    }
  }
}

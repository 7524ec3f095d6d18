/** Stands between a client and a PostgreSQL server, and cuts connections at moments that tests choose. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresConnection } from './options.ts';

const socketName = '.s.PGSQL.5432';

/** What a cut waits for: one of the client's messages, and then so many pieces of what the server answers to it. */
export interface Cut {
  /** Text that the client's message contains. */
  readonly message: string;
  /** Pieces of the answer that still reach the client. */
  readonly answers: number;
}

type ArmedCut = Cut & { readonly done: () => void };

export class CuttingProxy {
  readonly connection: PostgresConnection;
  readonly #server: Server;
  readonly #directory: string;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut: ArmedCut | undefined;
  /** Pieces that clients have sent. */
  sent = 0;

  private constructor(server: Server, directory: string, target: PostgresConnection) {
    this.#server = server;
    this.#directory = directory;
    this.connection = { ...target, host: directory };
  }

  static async create(target: PostgresConnection): Promise<CuttingProxy> {
    const directory = await mkdtemp(join(tmpdir(), 'proxy-'));
    const server = createServer({ allowHalfOpen: false });
    const proxy = new CuttingProxy(server, directory, target);
    server.on('connection', (client) => proxy.#join(client, createConnection(join(target.host, socketName))));
    server.listen(join(directory, socketName));
    await once(server, 'listening');
    return proxy;
  }

  /** Cuts one connection when the moment comes; resolves then. */
  cutNext(cut: Cut): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#cut = { ...cut, done: resolve };
    return promise;
  }

  /** Cuts all connections now. A server's process that waits for a lock does not notice. */
  drop(): void {
    for (const pair of this.#pairs) this.#end(pair);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const pair of this.#pairs) this.#end(pair);
    await closed;
    await rm(this.#directory, { recursive: true, force: true });
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    let cut: ArmedCut | undefined;
    let answers = 0;
    client.on('data', (data) => {
      this.sent++;
      server.write(data);
      if (this.#cut === undefined || !data.includes(this.#cut.message)) return;
      cut = this.#cut;
      this.#cut = undefined;
      answers = 0;
    });
    server.on('data', (data) => {
      if (cut === undefined || answers++ < cut.answers) {
        client.write(data);
        return;
      }
      // The client goes; the server has answered and notices later.
      this.#end(pair);
      cut.done();
      cut = undefined;
    });
    for (const socket of pair) {
      socket.on('close', () => this.#end(pair));
      // A cut connection may complain; that is what the test is about.
      socket.on('error', () => this.#end(pair));
    }
  }

  #end(pair: readonly [Socket, Socket]): void {
    this.#pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }
}

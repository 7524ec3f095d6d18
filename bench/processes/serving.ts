import { join } from 'node:path';
import { type Connection, openConnection } from '../api/http2-client.ts';
import { readKubeconfig } from '../api/kubeconfig.ts';
import { createPorchClient, type PorchClient } from '../api/porch-client.ts';
import { type PorchServer, type PorchServerOptions, startPorchServer } from './porch-server.ts';

/** A server on a data directory, and its administrator's client; both are others after a restart. */
export class Serving {
  readonly #options: PorchServerOptions;
  #server: PorchServer;
  #client: PorchClient;
  /** The last restart, which may be under way. */
  #restarted: Promise<unknown> = Promise.resolve();

  private constructor(options: PorchServerOptions, server: PorchServer, client: PorchClient) {
    this.#options = options;
    this.#server = server;
    this.#client = client;
  }

  static async start(options: PorchServerOptions): Promise<Serving> {
    const server = await startPorchServer(options);
    return new Serving(options, server, createPorchClient(await connectTo(options)));
  }

  get server(): PorchServer {
    return this.#server;
  }

  get client(): PorchClient {
    return this.#client;
  }

  /** Another connection to the server. */
  connect(): Promise<Connection> {
    return connectTo(this.#options);
  }

  /** Stops the server and starts it again on the same data. */
  restart(): Promise<PorchServer> {
    const restarted = this.#stopAndStart();
    this.#restarted = restarted.catch(() => undefined); // who has asked for it is told
    return restarted;
  }

  /** Stops the server, also one that is being restarted. */
  async close(): Promise<void> {
    await this.#restarted;
    await this.#stop();
  }

  async #stopAndStart(): Promise<PorchServer> {
    await this.#stop();
    this.#server = await startPorchServer(this.#options);
    this.#client = createPorchClient(await this.connect());
    return this.#server;
  }

  async #stop(): Promise<void> {
    this.#client.connection.close();
    await this.#server.stop();
  }
}

function connectTo({ dataDirectory }: PorchServerOptions): Promise<Connection> {
  const { address, credentials } = readKubeconfig(join(dataDirectory, 'kubeconfig'));
  return openConnection(address, credentials);
}

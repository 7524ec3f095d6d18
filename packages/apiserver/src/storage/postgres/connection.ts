import { Socket } from 'node:net';
import pg from 'pg';
import { ConnectionLostError, toDatabaseError } from './database-error.ts';
import type { Statement } from './statements.ts';

/** What a connection tells of what nobody asked for, and how patient it is. */
export interface ConnectionEvents {
  /** A notification on a channel that this connection listens to. */
  readonly notified?: (payload: string, sender: number) => void;
  /** After so many milliseconds without a byte in either direction a server that was asked something counts as gone. Default: 45 000. */
  readonly silenceMs?: number;
}

const connectTimeoutMs = 10_000;
/** Longer than the server's own limit on statements. */
const longestSilenceMs = 45_000;
const goodbyeMs = 2_000;
const bigint = 20;

/**
 * One connection. Statements are sent as they come and answered in order, so that several cost one round trip; each
 * fails or succeeds by itself unless they are framed by a transaction.
 */
export class Connection {
  readonly #client: pg.Client;
  readonly #lost = Promise.withResolvers<ConnectionLostError>();
  #alive = true;
  /** What is not answered yet. */
  #asked = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** @throws DatabaseError, ConnectionLostError */
  static async open(config: pg.ClientConfig, events: ConnectionEvents = {}): Promise<Connection> {
    const client = new pg.Client({
      ...config,
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: connectTimeoutMs,
      types: { getTypeParser },
    });
    const connection = new Connection(client);
    client.on('error', (error) => connection.#end(toDatabaseError(error).message));
    client.on('end', () => connection.#end('it was closed'));
    client.on('notification', (message) => events.notified?.(message.payload ?? '', message.processId));
    try {
      await client.connect();
    } catch (error) {
      connection.destroy();
      throw toDatabaseError(error);
    }
    connection.#watchSilence(events.silenceMs ?? longestSilenceMs);
    return connection;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves when the connection is gone, whoever ended it. */
  get lost(): Promise<ConnectionLostError> {
    return this.#lost.promise;
  }

  /**
   * Runs a prepared statement.
   * @throws DatabaseError, ConnectionLostError
   */
  async run<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#ask(
      async () => (await this.#client.query<Row, unknown[]>({ ...statement, values: [...values] })).rows,
    );
  }

  /** Runs statements without parameters. @throws as `run` */
  async script(text: string): Promise<void> {
    await this.#ask(() => this.#client.query(text));
  }

  /** Runs one statement without parameters. @throws as `run` */
  async query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    return this.#ask(async () => (await this.#client.query<Row, unknown[]>(text)).rows);
  }

  /** Sends whatever `send` runs as few packets. */
  together<T>(send: () => T): T {
    const { stream } = this.#client.connection;
    stream.cork();
    try {
      return send();
    } finally {
      stream.uncork();
    }
  }

  /** Says goodbye once everything is answered; does not wait for long. */
  async close(): Promise<void> {
    const impatient = setTimeout(() => this.destroy(), goodbyeMs);
    if (this.#alive) await this.#client.end();
    clearTimeout(impatient);
    this.#end('it was closed');
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#client.connection.stream.destroy();
    this.#end('it was closed');
  }

  /** By the socket, not by the statement: a slow link may take long over many bytes, and statements wait for those before them. */
  #watchSilence(ms: number): void {
    const { stream } = this.#client.connection;
    if (!(stream instanceof Socket)) return;
    stream.setTimeout(ms);
    stream.on('timeout', () => {
      if (this.#asked > 0) stream.destroy(Object.assign(new Error(`no answer for ${ms} ms`), { code: 'ETIMEDOUT' }));
    });
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    this.#asked++;
    try {
      return await work();
    } catch (error) {
      const readable = toDatabaseError(error);
      if (readable instanceof ConnectionLostError) this.destroy();
      throw readable;
    } finally {
      this.#asked--;
    }
  }

  #end(reason: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#lost.resolve(new ConnectionLostError(reason));
  }
}

/** Revisions are below 2^53, so that numbers hold them. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === bigint ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;

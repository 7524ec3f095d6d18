/** A schema for every test on one server, and a session of the operator's to look into it. */
import { clientConfig } from './client-config.ts';
import { Connection } from './connection.ts';
import { openPostgresStore } from './open.ts';
import type { PostgresStoreOptions } from './options.ts';
import type { PostgresServer } from './postgres-server.test-support.ts';
import type { PostgresStore } from './postgres-store.ts';

export class TestSchema {
  readonly name: string;
  readonly #server: PostgresServer;
  readonly #opened: PostgresStore[] = [];
  #admin: Connection | undefined;

  constructor(server: PostgresServer, name: string) {
    this.#server = server;
    this.name = name;
  }

  async open(options: Omit<PostgresStoreOptions, 'schema'> = {}): Promise<PostgresStore> {
    const where = options.url === undefined ? { connection: this.#server.connection } : {};
    const store = (await openPostgresStore({ ...where, schema: this.name, ...options })) as PostgresStore;
    this.#opened.push(store);
    return store;
  }

  /** Runs SQL with the schema on the search path. */
  async query<Row extends Record<string, unknown>>(sql: string): Promise<Row[]> {
    if (this.#admin?.alive !== true) {
      this.#admin = await Connection.open(clientConfig({ url: undefined, connection: this.#server.connection }));
      await this.#admin.script(`SET search_path = "${this.name}"`);
    }
    return this.#admin.query<Row>(sql);
  }

  /** Ends the sessions of all stores on the server. */
  async endSessions(): Promise<void> {
    await this.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'revisioned store' AND pid <> pg_backend_pid() AND query NOT LIKE 'SET search_path%'",
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((store) => store.close()));
    await this.#admin?.close();
  }
}

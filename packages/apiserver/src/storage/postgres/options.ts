import type { ConnectionOptions } from 'node:tls';
import type { Logger } from 'pino';
import type { CompactedStore } from '../store.ts';
import type { EncryptionOptions, RetentionOptions } from '../store-options.ts';

/** Where the database is and who connects, when it is not given as a URL. */
export interface PostgresConnection {
  /** A host, or the directory of a Unix socket. */
  readonly host: string;
  /** Default: 5432. */
  readonly port?: number;
  readonly database: string;
  readonly user: string;
  /** A function is called for every connection, so that passwords may change. */
  readonly password?: string | (() => string | Promise<string>);
  /** `true`: encrypted, with the server's certificate checked against the system's authorities. Default: not encrypted. */
  readonly tls?: boolean | ConnectionOptions;
}

/** What `openPostgresStore` takes: `url` (`postgres://user:password@host:port/database?sslmode=…`) or `connection`. */
export interface PostgresStoreOptions {
  readonly url?: string;
  readonly connection?: PostgresConnection;
  /** Holds the store's tables; created when missing. Stores in different schemas know nothing of each other. Default: `apiserver`. */
  readonly schema?: string;
  readonly encryption?: EncryptionOptions;
  /** Default: one hour, 100 000 entries. */
  readonly retention?: RetentionOptions;
  /**
   * How long reads and writes wait for a database that cannot be reached before they fail with `StoreUnavailableError`.
   * Default: 10 000.
   */
  readonly unavailableAfterMs?: number;
  /** Hears of each compaction by this process that removed something. */
  readonly onCompacted?: (removed: CompactedStore) => void;
  /** Hears how many write sets this process has committed together, for each time. */
  readonly onGroup?: (writeSets: number) => void;
  /**
   * Begins an empty store after the history of another one, whose revision this is: the counter starts far beyond, so that no revision
   * means two things. A store that has a history is refused with StoreNotEmptyError.
   */
  readonly continuesAfter?: number;
  readonly logger?: Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>;
  /**
   * Called once when what this process has seen is no longer what the database holds (a backup was restored, another server took
   * over, or the process was cut off for longer than the log reaches back); the process should end and start again.
   * Default: logs the error and exits with code 1.
   */
  readonly onFatal?: (error: Error) => void;
}

/** The options, checked and complete. */
export interface PostgresSettings {
  readonly url: string | undefined;
  readonly connection: PostgresConnection | undefined;
  readonly schema: string;
  readonly encryption: EncryptionOptions | undefined;
  readonly retention: RetentionOptions;
  readonly unavailableAfterMs: number;
  readonly onCompacted: (removed: CompactedStore) => void;
  readonly onGroup: (writeSets: number) => void;
  readonly continuesAfter: number | undefined;
  readonly logger: PostgresStoreOptions['logger'];
}

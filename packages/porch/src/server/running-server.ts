import type { Logger } from 'pino';
import type { Settings } from './settings.ts';

/** A server that is ready. */
export interface RunningServer {
  /** `https://127.0.0.1:9443`. */
  readonly address: string;
  /** File with which kubectl connects as the administrator. */
  readonly kubeconfigPath: string;
  /** Refuses new requests, finishes the writes that have begun, ends watches, and lets go of the data directory. */
  close(): Promise<void>;
}

/** Starts a server; resolves when it is ready. @throws StartupError */
export type StartServer = (settings: Settings, logger: Logger) => Promise<RunningServer>;

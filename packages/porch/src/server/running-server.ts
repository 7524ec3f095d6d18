import type { Logger } from 'pino';
import type { Settings } from './settings.ts';

/** A process that is ready. */
export interface RunningProcess {
  /** `https://127.0.0.1:9443`. */
  readonly address: string;
  /** Refuses new requests, finishes what has begun, ends watches, and lets go of the data directory. */
  close(): Promise<void>;
}

/** A server that is ready. */
export interface RunningServer extends RunningProcess {
  /** File with which kubectl connects as the administrator; none where clients go through a cluster. */
  readonly kubeconfigPath?: string;
}

/**
 * Starts what a command runs; resolves when it is ready. Until then `stop` ends it.
 * @throws StartupError
 * @throws the reason of `stop`
 */
export type Start<Running extends RunningProcess> = (
  settings: Settings,
  logger: Logger,
  stop: AbortSignal,
) => Promise<Running>;

/** Starts a server. */
export type StartServer = Start<RunningServer>;

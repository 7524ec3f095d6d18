import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { HealthServer } from './health-server.ts';
import { UnreachableError } from './startup-error.ts';

/**
 * Calls what needs something outside of the process, and again, with growing pauses, as long as that fails with UnreachableError.
 * @throws what else it fails with
 */
export type WhenReachable = <T>(open: () => Promise<T>) => Promise<T>;

/** What waiting needs. */
export interface WaitingParts {
  /** Begins to tell that the process lives and is not ready. Why is for the log only: it names hosts, and anybody may ask. */
  readonly health: () => Promise<HealthServer>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Ends the waiting, with its reason. */
  readonly stop: AbortSignal;
  /** The first pause, in milliseconds. One second unless told. */
  readonly firstPauseMs?: number;
}

const longestPauseMs = 10_000;

/**
 * Waits for what a process needs to start. Where somebody starts a process again that ends, they do so later and later: it comes back
 * sooner when it waits by itself.
 */
export function createWaiting({ health, logger, stop, firstPauseMs = 1000 }: WaitingParts): WhenReachable {
  return async (open) => {
    let told: HealthServer | undefined;
    try {
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
        stop.throwIfAborted();
        try {
          const opened = await untilStopped(open(), stop);
          if (told !== undefined) logger.info('what was waited for is there; starting');
          return opened;
        } catch (error) {
          if (!(error instanceof UnreachableError)) throw error;
          told ??= await health();
          logger.warn({ retryMs: pauseMs, health: told.address }, `${error.message}; trying again`);
        }
        await untilStopped(pause(pauseMs, undefined, { ref: false }), stop);
      }
    } finally {
      await told?.close();
    }
  };
}

/** The check of a process that waits. @throws Error always */
export async function notReady(): Promise<never> {
  throw new Error('it waits for its database or its cluster; the log says why');
}

/** @throws the reason of `stop` as soon as there is one */
async function untilStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stopped = (): void => reject(stop.reason);
  stop.addEventListener('abort', stopped);
  if (stop.aborted) stopped();
  try {
    return await Promise.race([work, promise]);
  } finally {
    stop.removeEventListener('abort', stopped);
  }
}

import type { MetricsRegistry, Tracing } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { Clock } from '../cache/clock.ts';
import { type CleanupCounters, createCleanupCounters } from '../controllers/cleanup/cleanup-counters.ts';
import { createSyncMetrics, type SyncMetrics } from '../controllers/sync-metrics.ts';
import { openMetrics } from './metrics.ts';
import type { Settings } from './settings.ts';
import type { WhenReachable } from './when-reachable.ts';

/** What every stage of putting a server together works with. */
export interface Composition {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  readonly tracing: Tracing;
  readonly cleanupCounters: CleanupCounters;
  readonly syncMetrics: SyncMetrics;
  /** Calls what needs something outside of the process, again and again while that is away. */
  readonly whenReachable: WhenReachable;
  /** Remembers how to end a part that has just begun. Parts end in reverse order, also when a later stage fails. */
  onClose(close: () => Promise<unknown> | unknown): void;
  /** Whether the parts are being ended. */
  isClosing(): boolean;
  /** Ends the process, because the server could not keep its word. */
  fatal(error: Error): never;
}

/** A composition, and what ends all that was begun in it. */
export interface OpenComposition extends Composition {
  /** Ends all parts, also when one of them cannot be ended. @throws what the first of those threw */
  close(): Promise<void>;
}

/** Begins a composition in which nothing runs yet. */
export function openComposition(
  settings: Settings,
  logger: Logger,
  tracing: Tracing,
  whenReachable: WhenReachable,
): OpenComposition {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  let closing = false;
  const metrics = openMetrics();
  return {
    settings,
    logger,
    clock: () => new Date(),
    metrics,
    tracing,
    cleanupCounters: createCleanupCounters(metrics),
    syncMetrics: createSyncMetrics(metrics),
    whenReachable,
    onClose: (close) => {
      closers.push(close);
    },
    isClosing: () => closing,
    fatal: (error) => {
      logger.fatal({ err: error }, 'the server cannot go on');
      process.exit(1);
    },
    async close() {
      closing = true;
      const failures: unknown[] = [];
      for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
        try {
          await close();
        } catch (error) {
          logger.error({ err: error }, 'a part of the server could not be ended');
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}

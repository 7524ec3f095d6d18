import type { ResourceLabels } from '../http/request-labels.ts';
import type { WatchMetrics } from '../http/request-metrics.ts';
import type { ServedEvent } from '../storage/served-object.ts';
import { createEventEncoder, type EventEncoder } from './event-encoder.ts';
import { WaitingPieces } from './waiting-pieces.ts';
import { createWatchStream, type WatchRequest, type WatchStream } from './watch-stream.ts';

/** Limits and intervals of watches. */
export interface WatchSettings {
  /** Bytes of events a client may be behind before it is disconnected. */
  readonly maxPendingBytes: number;
  /** How long a client may take nothing at all while something waits for it. */
  readonly stallMs: number;
  /** About how often a quiet watch hears which revision it has seen everything up to. */
  readonly bookmarkIntervalMs: number;
  /** How long a watch lasts when the client does not say: at least this, at most twice this. */
  readonly minDurationMs: number;
}

/** Limits and intervals that fit Kubernetes' clients. */
export const defaultWatchSettings: WatchSettings = {
  maxPendingBytes: 4 * 1024 * 1024,
  stallMs: 60_000,
  bookmarkIntervalMs: 60_000,
  minDurationMs: 30 * 60_000,
};

/** All watches of a server. */
export interface WatchHub {
  /** A stream for one request; nothing is sent before its `begin`. */
  open(request: WatchRequest): WatchStream;
  /** Ends all watches cleanly; those opened later end at once. */
  endAll(): void;
  readonly size: number;
}

/** What streams share: the encoder, and one turn in which all of them send what has arrived. */
export interface WatchShared {
  readonly encoder: EventEncoder;
  readonly settings: WatchSettings;
  /** Pieces that wait for slow clients. */
  readonly waiting: WaitingPieces;
  /** Has `flush` called once, soon, together with the others. */
  schedule(flush: () => void): void;
  readonly metrics: WatchMetrics;
  /** Takes the size of a change that some watch hears of, unless it has been taken. */
  measure(event: ServedEvent, resource: ResourceLabels): void;
  /** Hears of watches that end because of the server. */
  readonly onFailure: WatchFailureListener;
}

/** Hears why a watch broke off, for the log. */
export type WatchFailureListener = (error: Error, auditId: string) => void;

/** What a hub is made of. `now`: milliseconds since the epoch. */
export interface WatchHubOptions {
  readonly settings: WatchSettings;
  readonly now: () => number;
  readonly metrics: WatchMetrics;
  readonly onFailure: WatchFailureListener;
}

/** Gathers calls and makes them in one microtask. */
function createScheduler(): (flush: () => void) => void {
  let waiting: (() => void)[] = [];
  return (flush) => {
    if (waiting.push(flush) > 1) return;
    queueMicrotask(() => {
      const flushes = waiting;
      waiting = [];
      for (const each of flushes) each();
    });
  };
}

/** The watches of one server. */
export function createWatchHub(options: WatchHubOptions): WatchHub {
  const { settings, now, onFailure, metrics } = options;
  const measured = new WeakSet<ServedEvent>();
  const shared: WatchShared = {
    encoder: createEventEncoder(now),
    settings,
    metrics,
    waiting: new WaitingPieces(),
    schedule: createScheduler(),
    measure(event, resource) {
      if (measured.has(event)) return;
      measured.add(event);
      metrics.eventBytes.observe(resource, event.object.bytes.length);
    },
    onFailure,
  };
  const streams = new Set<WatchStream>();
  let ended = false;
  return {
    open(request) {
      const stream = createWatchStream(request, shared);
      streams.add(stream);
      void stream.done.then(() => streams.delete(stream));
      if (ended) stream.finish();
      return stream;
    },
    endAll() {
      ended = true;
      for (const stream of streams) stream.finish();
    },
    get size() {
      return streams.size;
    },
  };
}

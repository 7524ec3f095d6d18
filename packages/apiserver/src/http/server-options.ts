import type { Logger } from 'pino';
import type { Authenticator } from '../auth/authenticators.ts';
import type { Authorizer } from '../auth/authorizer.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { MetricsRegistry } from '../metrics/metrics.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { defaultWatchSettings, type WatchSettings } from '../watch/watch-hub.ts';
import type { AuditOptions } from './audit-filters.ts';
import type { HealthCheck } from './health.ts';
import type { InFlightLimits } from './in-flight.ts';
import type { OpenEndpoint } from './open-endpoint.ts';

/** What the server bounds. All times in milliseconds. */
export interface ServerLimits {
  /** Largest request body; beyond it 413. */
  readonly maxBodyBytes: number;
  /** Longest time for a request that is no watch, also when the client asks for more. */
  readonly requestMs: number;
  /** Longest time for a TLS handshake and for the headers of a request. */
  readonly handshakeMs: number;
  /** How long the next piece of a request's body may take to come; beyond it 408. */
  readonly bodyIdleMs: number;
  /** How often an HTTP/2 client is asked whether it is there; one that has not answered until the next time is gone. */
  readonly pingMs: number;
  /** How long a connection without requests is kept. */
  readonly idleMs: number;
  readonly inFlight: InFlightLimits;
  /** Bytes of answers that may wait for slow clients, of all connections together; beyond it 429, and the slowest are cut off. */
  readonly maxUnsentBytes: number;
  /** Bytes of large objects that are made for answers and not taken yet, of all connections together; beyond it they wait for their turn. */
  readonly maxLargeObjectBytes: number;
  /**
   * Answers to senders without an identity that may wait over HTTP/2 until they are taken, of all connections together; beyond it those that
   * have waited for a moment are cut off.
   */
  readonly maxUntakenAnswers: number;
  /** Most requests and watches at once on an HTTP/2 connection. */
  readonly maxConcurrentStreams: number;
  /**
   * How many requests of an HTTP/2 connection may be broken off: at once, and for how long that goes on. Leaving a watch is one. A proxy
   * has a thousand of them on one connection, and may leave them all and come back; whoever does it for its own sake is cut off.
   */
  readonly resets: { readonly burst: number; readonly perSecond: number };
}

/** Limits of a server that is told nothing else. */
const defaultServerLimits: ServerLimits = {
  maxBodyBytes: 6 * 1024 * 1024,
  requestMs: 290_000,
  handshakeMs: 10_000,
  bodyIdleMs: 30_000,
  pingMs: 30_000,
  idleMs: 180_000,
  inFlight: { reads: 400, writes: 200 },
  maxUnsentBytes: 256 * 1024 * 1024,
  maxLargeObjectBytes: 256 * 1024 * 1024,
  maxUntakenAnswers: 100,
  maxConcurrentStreams: 1000,
  resets: { burst: 5000, perSecond: 500 },
};

/** How a server ends. */
export interface ShutdownSettings {
  /**
   * Between the moment `/readyz` fails and the moment nothing new is served: as long as load balancers take to notice. All requests are
   * served meanwhile.
   */
  readonly delayMs: number;
  /** How long requests under way may take before they are cut off. */
  readonly graceMs: number;
  /** How long requests that were cut off are waited for: some must not stop half-way. */
  readonly cutOffMs: number;
  /** Called when new requests are refused and those under way are waited for. */
  readonly onRefusing?: () => void;
}

/** What a server proves itself with, and whose clients it asks for certificates. PEM. */
export interface ServingTls {
  readonly key: string;
  /** The certificate, followed by those that lead to its authority. */
  readonly cert: string;
  /** Authorities whose client certificates are asked for and verified. */
  readonly clientCa: string | readonly string[];
}

/** Everything an API server is made of. */
export interface ApiServerOptions {
  readonly definitions: readonly AnyResourceDefinition[];
  readonly discovery: Discovery;
  /** Asked in order; nobody without an identity gets further than the health paths, the version and the open endpoints. */
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
  readonly tls: ServingTls;
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly logger: Logger;
  /** What is left out is as `defaultServerLimits` has it. */
  readonly limits?: Partial<ServerLimits>;
  /** What is left out is as `defaultWatchSettings` has it. */
  readonly watch?: Partial<WatchSettings>;
  /** What is left out is as `defaultShutdown` has it. */
  readonly shutdown?: Partial<ShutdownSettings>;
  /** Code of what strategies refuse; 422, as Kubernetes has it, unless told. */
  readonly validationCode?: 400 | 422;
  readonly healthChecks?: readonly HealthCheck[];
  /** What requests and watches are counted in, served at `/metrics`; without it nothing is, and that path is 404. */
  readonly metrics?: MetricsRegistry;
  /** What senders without an identity may post to. */
  readonly openEndpoints?: readonly OpenEndpoint[];
  /** What requests are traced by; without it they are not. */
  readonly tracing?: Tracing;
  /** Whether `/debug/pprof` is served, to those who may get that path. */
  readonly profiling?: boolean;
  /** Records who did what; nothing is recorded without it. */
  readonly audit?: AuditOptions;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** The same, complete. */
export interface ApiServerSettings {
  readonly limits: ServerLimits;
  readonly watch: WatchSettings;
  readonly shutdown: ShutdownSettings;
  readonly validationCode: 400 | 422;
  readonly healthChecks: readonly HealthCheck[];
  readonly now: () => number;
}

/** The end of a server that is told nothing else. */
export const defaultShutdown: ShutdownSettings = { delayMs: 0, graceMs: 60_000, cutOffMs: 5_000 };

/** Fills in what the options leave open. */
export function completeSettings(options: ApiServerOptions): ApiServerSettings {
  return Object.freeze({
    limits: { ...defaultServerLimits, ...options.limits },
    watch: { ...defaultWatchSettings, ...options.watch },
    shutdown: { ...defaultShutdown, ...options.shutdown },
    validationCode: options.validationCode ?? 422,
    healthChecks: options.healthChecks ?? [],
    now: options.now ?? Date.now,
  });
}

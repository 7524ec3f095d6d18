import { type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { countEvents } from '../auth/audit/counted-sink.ts';
import { createAuthenticatorChain } from '../auth/authenticators.ts';
import { measureAuthentication, measureAuthorization } from '../auth/measured-access.ts';
import { isPlainAnswer, statusErrors } from '../meta/status.ts';
import { noMetrics } from '../metrics/metrics.ts';
import { createDispatcher } from '../registry/dispatcher.ts';
import { createBodyReader } from '../schema/body-reader.ts';
import { noTracing } from '../tracing/tracing.ts';
import { createWatchHub } from '../watch/watch-hub.ts';
import { auditFilter, failedAuthenticationAuditFilter } from './audit-filters.ts';
import { ClientGoneError } from './client-gone.ts';
import { createConnections } from './connections.ts';
import { createExchange, type Exchange, isRead } from './exchange.ts';
import { composeFilters, type Filter } from './filter.ts';
import {
  auditIdFilter,
  authenticationFilter,
  authorizationFilter,
  deadlineFilter,
  errorFilter,
  loggingFilter,
  requestInfoFilter,
} from './filters.ts';
import { createHealthEndpoint } from './health.ts';
import { impersonationFilter } from './impersonation.ts';
import { inFlightFilter } from './in-flight.ts';
import { forgetRequest } from './kept-headers.ts';
import { LargeObjects } from './large-objects.ts';
import { longQueryFilter } from './long-queries.ts';
import { sendMetrics } from './metrics-endpoint.ts';
import { longRunningFilter, requestMetricsFilter } from './metrics-filters.ts';
import { openEndpointFilter } from './open-endpoint.ts';
import { createProfileEndpoint } from './profiles.ts';
import { isHealthPath } from './request-info.ts';
import { createRequestLabels } from './request-labels.ts';
import { createRequestMetrics, createWatchMetrics } from './request-metrics.ts';
import { createRequestTracker } from './request-tracker.ts';
import { sendFixed, sendText } from './respond.ts';
import { type ApiServerOptions, completeSettings, type ServingTls } from './server-options.ts';
import { traceFilter } from './trace-filter.ts';
import { UnsentBytes } from './unsent-bytes.ts';
import { UntakenAnswers } from './untaken-answers.ts';
import { SocketResponse } from './web-socket/socket-response.ts';
import { socketOriginFilter, socketTokenFilter } from './web-socket/watch-socket-filter.ts';

/** A Kubernetes API server. */
export interface ApiServer {
  /** Begins to serve. Rejects when the address cannot be had. */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /**
   * Takes other certificates, from the next connection on.
   * @throws Error for a key or certificates that cannot be used; then nothing changes
   */
  setTls(tls: ServingTls): void;
  /**
   * Stops cleanly: `/readyz` fails, new requests get 503, requests under way finish, watches end, HTTP/2 clients are told
   * to go away, connections close. What outlasts the grace period is cut off, and what does not heed that is left alone. May be called
   * more than once.
   */
  close(): Promise<void>;
}

/**
 * Builds a server from what it serves. It listens when told to.
 * @throws Error for a resource that is defined twice, and for a key or certificates that cannot be used
 */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const settings = completeSettings(options);
  const { limits, now } = settings;
  const { logger, discovery, authorizer } = options;
  const tracker = createRequestTracker();
  const metrics = options.metrics ?? noMetrics;
  const measured = createRequestMetrics(metrics);
  const audit = options.audit && { ...options.audit, sink: countEvents(options.audit.sink, metrics) };
  const labelsOf = createRequestLabels(options.definitions);
  const watches = createWatchHub({
    settings: settings.watch,
    now,
    metrics: createWatchMetrics(metrics),
    onFailure(error, auditId) {
      if (isPlainAnswer(error)) logger.info({ auditId, reason: error.message }, 'watch not served');
      else logger.error({ auditId, err: error }, 'watch failed');
    },
  });
  let stopping = false;

  const health = createHealthEndpoint(
    [...settings.healthChecks, { name: 'shutdown', of: 'ready', check: () => assertRunning(stopping) }],
    (name, error) => logger.warn({ check: name, err: error }, 'health check failed'),
  );
  const bodies = createBodyReader();
  const profiles = options.profiling === true ? createProfileEndpoint() : undefined;
  const dispatch = createDispatcher(options.definitions, {
    authorizer,
    watches,
    bodies,
    now,
    bodyLimits: limits,
    validationCode: settings.validationCode,
  });

  const answer = async (exchange: Exchange): Promise<void> => {
    const { info, path, query, headers, method } = exchange;
    if (isHealthPath(path)) return await health.answer(exchange);
    if (info.type === 'resource') return await dispatch(exchange, info);
    if (path === '/metrics' && options.metrics !== undefined) return await sendMetrics(exchange, options.metrics);
    if (profiles !== undefined && path.startsWith('/debug/pprof')) return await profiles(exchange);
    const fixed = discovery.answer({ path, query, headers });
    if (fixed === undefined) return await sendText(exchange, 404, '404 page not found\n');
    if (!isRead(method)) {
      exchange.response.setHeader('allow', 'GET, HEAD');
      throw statusErrors.methodNotAllowed();
    }
    await sendFixed(exchange, fixed);
  };

  /** The life of a request, outermost first. */
  const filters: readonly Filter[] = [
    auditIdFilter,
    traceFilter(options.tracing ?? noTracing, labelsOf),
    loggingFilter(logger, now),
    requestMetricsFilter(measured, labelsOf, now),
    errorFilter(logger),
    requestInfoFilter,
    tracker.filter,
    longRunningFilter(measured, labelsOf),
    socketTokenFilter,
    deadlineFilter(limits.requestMs),
    openEndpointFilter(options.openEndpoints ?? []),
    ...(audit === undefined ? [] : [failedAuthenticationAuditFilter(audit, now)]),
    authenticationFilter(measureAuthentication(createAuthenticatorChain(options.authenticators), metrics)),
    ...(audit === undefined ? [] : [auditFilter(audit, now)]),
    socketOriginFilter,
    impersonationFilter(authorizer),
    authorizationFilter(measureAuthorization(authorizer, metrics)),
    longQueryFilter,
    inFlightFilter(limits.inFlight, measured.inFlight),
  ];
  const handle = composeFilters(filters, answer);

  const connections = createConnections(options.tls, limits);
  const unsent = new UnsentBytes(limits.maxUnsentBytes, now);
  const largeObjects = new LargeObjects(limits.maxLargeObjectBytes, now);
  const untaken = new UntakenAnswers(limits.maxUntakenAnswers, now);
  const serve = (exchange: Exchange): void => {
    exchange.unsent = unsent;
    exchange.assembly = largeObjects.assembly(exchange);
    const gone = (): void => {
      if (!exchange.response.writableEnded) exchange.abort.abort(new ClientGoneError());
    };
    exchange.response.once('close', gone);
    exchange.response.on('error', gone);
    handle(exchange)
      .catch((error: unknown) => logger.error({ err: error }, 'an answer could not be sent'))
      .finally(() => {
        forgetRequest(exchange);
        untaken.add(exchange);
      });
  };
  connections.server.on('request', (request, response) => {
    if (stopping && response instanceof ServerResponse) response.shouldKeepAlive = false;
    serve(createExchange(request, response, now()));
  });
  connections.server.on('upgrade', (request: IncomingMessage, socket: Duplex, early: Buffer) => {
    if (early.length > 0) socket.unshift(early);
    serve(createExchange(request, new SocketResponse(request, socket), now()));
  });
  // Node itself would answer an unknown expectation, and never end the stream of a client that goes on sending.
  connections.server.on('checkExpectation', (request, response) =>
    connections.server.emit('request', request, response),
  );
  connections.server.on('sessionError', (error) => logger.debug({ err: error }, 'HTTP/2 session failed'));
  connections.server.on('tlsClientError', (error) => logger.debug({ err: error }, 'TLS handshake failed'));

  const stop = async (): Promise<void> => {
    stopping = true;
    await delay(settings.shutdown.delayMs);
    await connections.askToLeave();
    tracker.refuseNew();
    settings.shutdown.onRefusing?.();
    watches.endAll();
    const { graceMs, cutOffMs } = settings.shutdown;
    const ended = tracker.idle().then(() => (connections.server.listening ? connections.closeGracefully() : undefined));
    if (!(await isOverIn(graceMs, ended))) {
      tracker.abortAll(statusErrors.serviceUnavailable('the server is shutting down'));
      connections.destroyAll();
      if (!(await isOverIn(cutOffMs, ended))) {
        logger.warn({ requests: tracker.size }, 'requests go on that were cut off; they are not waited for any longer');
        connections.server.close();
        connections.destroyAll();
      }
    }
    await bodies.close();
  };
  let stopped: Promise<void> | undefined;

  return {
    async listen() {
      const { host, port } = options.listen;
      await new Promise<void>((resolve, reject) => {
        connections.server.once('error', reject);
        connections.server.listen(port, host, () => {
          connections.server.off('error', reject);
          resolve();
        });
      });
      const address = connections.server.address() as AddressInfo;
      return { host: address.address, port: address.port };
    },
    setTls: (tls) => connections.setTls(tls),
    close: () => (stopped ??= stop()),
  };
}

function assertRunning(stopping: boolean): void {
  if (stopping) throw new Error('the server is shutting down');
}

/** Waits for work, so many milliseconds at most; tells whether it is over. */
async function isOverIn(ms: number, work: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function delay(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

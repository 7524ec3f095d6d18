import { type Context, type Span as OtelSpan, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { type Span, type SpanAttributes, StatusError, type Tracing } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { TracingSettings } from '../settings.ts';
import { serverVersion } from '../version.ts';
import type { OpenTracing } from './open-tracing.ts';
import { reportingExporter } from './reporting-exporter.ts';

/** How long sending a batch may take, attempts that failed included, also when the server ends. */
const exportMs = 5_000;
/** Characters that are kept of one value: paths and names of clients may have a million, and two thousand spans wait in memory. */
const longestValue = 2048;

const headerGetter = {
  keys: (headers: Headers) => Object.keys(headers),
  get(headers: Headers, name: string) {
    const value = headers[name];
    return typeof value === 'object' ? [...value] : value;
  },
};

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Marks a span as failed unless a client is to blame: what it did wrong is no failure of the server. */
function recordFailure(span: OtelSpan, error: unknown): void {
  if (error instanceof StatusError && error.code < 500) {
    span.setAttribute('error.type', error.reason === '' ? String(error.code) : error.reason);
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  span.recordException(error instanceof Error ? error : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Sends traces by OTLP over HTTP. Nothing global is set: contexts are kept by this server alone. */
export function openOtlpTracing(settings: TracingSettings, logger: Logger): OpenTracing {
  const exporter = reportingExporter(
    new OTLPTraceExporter({ url: settings.endpoint, timeoutMillis: exportMs }),
    (error) => logger.warn({ err: error, endpoint: settings.endpoint }, 'traces could not be sent'),
  );
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'porch', 'service.version': serverVersion }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.samplingRatio) }),
    spanLimits: { attributeValueLengthLimit: longestValue },
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('porch', serverVersion);
  const contexts = new AsyncLocalStorageContextManager().enable();
  const propagator = new W3CTraceContextPropagator();

  const run = <T>(
    name: string,
    attributes: SpanAttributes,
    kind: SpanKind,
    parent: Context,
    work: (span: Span) => Promise<T>,
  ): Promise<T> => {
    const span = tracer.startSpan(name, { kind, attributes: { ...attributes } }, parent);
    const handle: Span = {
      rename: (to) => void span.updateName(to),
      set: (more) => void span.setAttributes({ ...more }),
    };
    const running = contexts.with(trace.setSpan(parent, span), () => work(handle));
    return running
      .catch((error: unknown) => {
        recordFailure(span, error);
        throw error;
      })
      .finally(() => span.end());
  };

  const tracing: Tracing = {
    span: (name, attributes, work) => run(name, attributes, SpanKind.INTERNAL, contexts.active(), work),
    apart: (name, attributes, work) => run(name, attributes, SpanKind.INTERNAL, ROOT_CONTEXT, work),
    incoming({ name, attributes, headers }, work) {
      const parent = propagator.extract(ROOT_CONTEXT, headers, headerGetter);
      return run(name, attributes, SpanKind.SERVER, parent, work);
    },
    headers() {
      const carrier: Record<string, string> = {};
      propagator.inject(contexts.active(), carrier, { set: (to, name, value) => void (to[name] = value) });
      return carrier;
    },
    traceId: () => trace.getSpanContext(contexts.active())?.traceId,
  };
  return {
    tracing,
    async close() {
      await provider.shutdown();
      contexts.disable();
    },
  };
}

/**
 * How a part says what it is doing and for how long, so that one request can be followed through all of them. Whoever reports
 * knows nothing of OpenTelemetry; what is under way is found by itself, across `await`.
 */

/** What is said of a piece of work, by name. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is under way. */
export interface Span {
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
}

/** The beginning of a request from elsewhere. */
export interface IncomingWork {
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** Names the trace that the request belongs to, in `traceparent` and `tracestate` (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Says what is being done for whom. */
export interface Tracing {
  /** Runs work as a part of what is under way here. What it throws is recorded, and thrown on. */
  span<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
  /** The same in a trace of its own, for work that what is under way here may have set off, but not for itself alone. */
  apart<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
  /** Runs work that somebody else asked for, as a part of their trace where they name one. */
  incoming<T>(request: IncomingWork, work: (span: Span) => Promise<T>): Promise<T>;
  /** Headers with which whoever is asked next goes on with the trace; none where there is nothing to go on with. */
  headers(): Readonly<Record<string, string>>;
  /** The trace that this work belongs to. */
  traceId(): string | undefined;
}

const ignored: Span = { rename: () => undefined, set: () => undefined };

/** For servers that nobody traces. */
export const noTracing: Tracing = Object.freeze({
  span: <T>(_name: string, _attributes: SpanAttributes, work: (span: Span) => Promise<T>) => work(ignored),
  apart: <T>(_name: string, _attributes: SpanAttributes, work: (span: Span) => Promise<T>) => work(ignored),
  incoming: <T>(_request: IncomingWork, work: (span: Span) => Promise<T>) => work(ignored),
  headers: () => ({}),
  traceId: () => undefined,
});

/** The id of the trace that a `traceparent` header names (W3C Trace Context, section 3.2). */
export function traceIdOf(header: string | readonly string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId = '', parentId = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(header) ?? [];
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return traceId;
}

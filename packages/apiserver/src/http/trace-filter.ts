import { type Tracing, traceIdOf } from '../tracing/tracing.ts';
import type { Filter } from './filter.ts';
import { queryBoolean } from './request-info.ts';
import type { RequestLabels } from './request-labels.ts';

/**
 * Makes a request the beginning of a trace, or goes on with the one that it names; log lines get the trace's id. A watch is none:
 * it would be over when nobody asks any more.
 */
export function traceFilter(tracing: Tracing, labelsOf: RequestLabels): Filter {
  return async (exchange, next) => {
    const { headers, method, query } = exchange;
    exchange.traceId = traceIdOf(headers.traceparent);
    if (queryBoolean(query, 'watch')) return await next();
    const attributes = {
      'http.request.method': method,
      'url.path': exchange.path,
      'user_agent.original': exchange.userAgent,
      'audit.id': exchange.auditId,
    };
    await tracing.incoming({ name: method, attributes, headers }, async (span) => {
      exchange.traceId ??= tracing.traceId();
      try {
        await next();
      } finally {
        const { verb, resource, subresource } = labelsOf(exchange);
        const what = resource !== '' && subresource !== '' ? `${resource}/${subresource}` : `${resource}${subresource}`;
        span.rename(`${verb} ${what}`.trimEnd());
        span.set({
          'http.response.status_code': exchange.response.statusCode,
          'http.response.body.size': exchange.sentBytes,
        });
      }
    });
  };
}

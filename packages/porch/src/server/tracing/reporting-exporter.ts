import type { SpanExporter } from '@opentelemetry/sdk-trace';

/**
 * An exporter whose failures are reported, of those one after the other only the first, and then are over: traces that a collector
 * does not take are lost, and hold up nothing, not even the end of the process.
 */
export function reportingExporter(exporter: SpanExporter, report: (error: Error) => void): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        const failed = code !== 0;
        if (failed && !failing) report(error ?? new Error('the collector did not take them'));
        failing = failed;
        done({ code: 0 });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

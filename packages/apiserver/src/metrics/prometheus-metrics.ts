import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricDefinition, MetricsRegistry } from './metrics.ts';

/** What every metric of prom-client is made from. `labelNames` is copied: prom-client keeps and sorts what it is given. */
function configuration<Label extends string>(definition: MetricDefinition<Label>, registry: Registry) {
  const { name, help, labels = [] } = definition;
  return { name, help, labelNames: [...labels], registers: [registry] };
}

/** The metric of this name, where there is one. */
function known<T>(registry: Registry, name: string, type: new (...given: never[]) => T): T | undefined {
  const metric: unknown = registry.getSingleMetric(name);
  return metric instanceof type ? metric : undefined;
}

/** Metrics kept in a registry of prom-client, which is read in Prometheus' text format. */
export function createPrometheusMetrics(registry: Registry): MetricsRegistry {
  return {
    counter(definition) {
      const counter = known(registry, definition.name, Counter) ?? new Counter(configuration(definition, registry));
      return { add: (labels, amount = 1) => counter.inc(labels, amount) };
    },
    gauge(definition) {
      const gauge = known(registry, definition.name, Gauge) ?? new Gauge(configuration(definition, registry));
      return { set: (labels, value) => gauge.set(labels, value), add: (labels, amount) => gauge.inc(labels, amount) };
    },
    histogram(definition) {
      const buckets = [...definition.buckets];
      const histogram =
        known(registry, definition.name, Histogram) ??
        new Histogram({ ...configuration(definition, registry), buckets });
      return { observe: (labels, value) => histogram.observe(labels, value) };
    },
    observedGauge(definition, read) {
      registry.removeSingleMetric(definition.name);
      new Gauge({
        ...configuration(definition, registry),
        collect() {
          this.reset();
          for (const [labels, value] of read()) this.set(labels, value);
        },
      });
    },
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

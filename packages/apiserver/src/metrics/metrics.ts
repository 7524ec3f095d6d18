/**
 * How a part reports what it does in numbers. Whoever reports knows neither where the numbers are kept nor how they are read.
 *
 * Labels must come from sets that are known and small: verbs, classes of errors, resources that are served. What a client or
 * a repository may name freely (paths, users, package names) is no label.
 */

/** What is said of a metric. Names and units as Prometheus has them: `_total` for counters, `_seconds`, `_bytes`. */
export interface MetricDefinition<Label extends string = never> {
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** A histogram: how often values up to each bound were observed. */
export interface HistogramDefinition<Label extends string = never> extends MetricDefinition<Label> {
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}

/** A value for each label. */
export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** Only ever rises. */
export interface Counter<Label extends string = never> {
  add(labels: Labels<Label>, amount?: number): void;
}

/** Goes up and down. */
export interface Gauge<Label extends string = never> {
  set(labels: Labels<Label>, value: number): void;
  add(labels: Labels<Label>, amount: number): void;
}

/** Counts values in buckets. */
export interface Histogram<Label extends string = never> {
  observe(labels: Labels<Label>, value: number): void;
}

/** One value of an observed metric. */
export type Reading<Label extends string> = readonly [labels: Labels<Label>, value: number];

/**
 * Where metrics are made. A name stands for one metric: parts that end and begin again go on counting where they were, and an observed
 * gauge takes the place of the one before.
 */
export interface Metrics {
  counter<Label extends string = never>(definition: MetricDefinition<Label>): Counter<Label>;
  gauge<Label extends string = never>(definition: MetricDefinition<Label>): Gauge<Label>;
  histogram<Label extends string = never>(definition: HistogramDefinition<Label>): Histogram<Label>;
  /**
   * A gauge whose values are asked for each time somebody reads the metrics; those that `read` no longer gives are gone.
   * For what is known anyway, and costs nothing until then. `read` must not throw.
   */
  observedGauge<Label extends string = never>(
    definition: MetricDefinition<Label>,
    read: () => Iterable<Reading<Label>>,
  ): void;
}

/** What is served at `/metrics`. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Metrics that can be read. */
export interface MetricsRegistry extends Metrics {
  exposition(): Promise<Exposition>;
}

const nothing = { add: () => undefined, set: () => undefined, observe: () => undefined };

/** For servers and parts that nobody measures. */
export const noMetrics: Metrics = Object.freeze({
  counter: () => nothing,
  gauge: () => nothing,
  histogram: () => nothing,
  observedGauge: () => undefined,
});

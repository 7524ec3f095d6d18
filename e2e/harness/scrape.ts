import type { Porch } from './porch.ts';

/** One line of values. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics by name; a histogram's series are those of its buckets. */
export type Scrape = ReadonlyMap<
  string,
  { readonly type: string; readonly help: string; readonly series: readonly Series[] }
>;

/** Reads Prometheus' text format. */
export function readMetrics(text: string): Scrape {
  const metrics = new Map<string, { type: string; help: string; series: Series[] }>();
  for (const line of text.split('\n')) {
    const [, help, name = '', rest = ''] = /^# (?:(HELP)|TYPE) (\w+) (.*)$/.exec(line) ?? [];
    if (name !== '') {
      const metric = metrics.get(name) ?? { type: '', help: '', series: [] };
      if (help === undefined) metric.type = rest;
      else metric.help = rest;
      metrics.set(name, metric);
      continue;
    }
    const [, series = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const metric = metrics.get(series) ?? metrics.get(series.replace(/_bucket$/, ''));
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', given = '']) => [
      label,
      given,
    ]);
    metric?.series.push({ labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return metrics;
}

/** How many publications and deletions a server does not know to have ended. */
export async function unsettledPushes(porch: Pick<Porch, 'http'>): Promise<number> {
  const { text } = await porch.http('GET', '/metrics');
  const metric = readMetrics(text).get('porch_outbox_pushes_unsettled');
  if (metric === undefined) throw new Error('the server has no metric of pushes');
  return metric.series.reduce((sum, { value }) => sum + value, 0);
}

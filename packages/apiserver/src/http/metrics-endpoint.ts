import { statusErrors } from '../meta/status.ts';
import type { MetricsRegistry } from '../metrics/metrics.ts';
import { type Exchange, isRead } from './exchange.ts';
import { sendBytes } from './respond.ts';

/** Answers `/metrics` in Prometheus' text format. */
export async function sendMetrics(exchange: Exchange, metrics: MetricsRegistry): Promise<void> {
  const { method, path } = exchange;
  if (!isRead(method)) {
    throw statusErrors.methodNotSupported({ group: '', resource: path }, method);
  }
  const { contentType, text } = await metrics.exposition();
  await sendBytes(exchange, 200, contentType, Buffer.from(text));
}

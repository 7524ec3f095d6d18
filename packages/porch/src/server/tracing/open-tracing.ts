import { noTracing, type Tracing } from '@porch/apiserver';
import type { Logger } from 'pino';
import type { TracingSettings } from '../settings.ts';

/** Traces, and what sends the last of them away. */
export interface OpenTracing {
  readonly tracing: Tracing;
  close(): Promise<void>;
}

/** Begins to send traces where the settings say so. OpenTelemetry's libraries are loaded only then. */
export async function openTracing(settings: TracingSettings, logger: Logger): Promise<OpenTracing> {
  if (settings.endpoint === '') return { tracing: noTracing, close: async () => undefined };
  const { openOtlpTracing } = await import('./otlp-tracing.ts');
  return openOtlpTracing(settings, logger);
}

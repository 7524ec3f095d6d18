import type { Logger } from 'pino';
import { startAggregated } from './aggregated/start-aggregated.ts';
import { openComposition } from './composition.ts';
import type { RunningServer } from './running-server.ts';
import type { Settings } from './settings.ts';
import { startStandalone } from './start-standalone.ts';
import { openTracing } from './tracing/open-tracing.ts';

/**
 * Puts a server together and starts it. What fails to start ends what had been started.
 * @throws StartupError when something that the settings name cannot be used
 */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const traces = await openTracing(settings.tracing, logger);
  const composition = openComposition(settings, logger, traces.tracing);
  composition.onClose(() => traces.close());
  try {
    const { cluster } = settings;
    return await (cluster === undefined ? startStandalone(composition) : startAggregated(composition, cluster));
  } catch (error) {
    await composition.close();
    throw error;
  }
}

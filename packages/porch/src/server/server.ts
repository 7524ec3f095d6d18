import type { Logger } from 'pino';
import { startAggregated } from './aggregated/start-aggregated.ts';
import { startingTls } from './certificates/starting-tls.ts';
import { openComposition } from './composition.ts';
import { startHealthServer } from './health-server.ts';
import type { RunningServer } from './running-server.ts';
import type { Settings } from './settings.ts';
import { startStandalone } from './start-standalone.ts';
import { openTracing } from './tracing/open-tracing.ts';
import { createWaiting, notReady } from './when-reachable.ts';

/**
 * Puts a server together and starts it. What fails to start ends what had been started.
 * A database or a cluster that is away is waited for, and `/livez` and `/readyz` are answered meanwhile.
 * @throws StartupError when something that the settings name cannot be used
 * @throws the reason of `stop`
 */
export async function startServer(settings: Settings, logger: Logger, stop: AbortSignal): Promise<RunningServer> {
  const traces = await openTracing(settings.tracing, logger);
  const health = async () =>
    startHealthServer({ listen: settings.listen, tls: await startingTls(settings), check: notReady });
  const composition = openComposition(settings, logger, traces.tracing, createWaiting({ health, logger, stop }));
  composition.onClose(() => traces.close());
  try {
    const { cluster } = settings;
    return await (cluster === undefined ? startStandalone(composition) : startAggregated(composition, cluster));
  } catch (error) {
    await composition.close();
    throw error;
  }
}

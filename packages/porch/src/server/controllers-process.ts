import type { Logger } from 'pino';
import { openAccess } from './access.ts';
import { type OpenComposition, openComposition } from './composition.ts';
import { isShared } from './database-url.ts';
import { startHealthServer } from './health-server.ts';
import { openControllers } from './open-controllers.ts';
import { openData } from './open-data.ts';
import { openEngine } from './open-engine.ts';
import { openSharing } from './open-sharing.ts';
import { openState } from './open-state.ts';
import type { RunningProcess } from './running-server.ts';
import { servedResources } from './served-resources.ts';
import type { Settings } from './settings.ts';
import { storedSources } from './sources.ts';
import { StartupError } from './startup-error.ts';
import { storeCheck } from './store-check.ts';
import { openTracing } from './tracing/open-tracing.ts';
import { createWaiting, notReady } from './when-reachable.ts';

/**
 * Runs the controllers without an API: what they find in Git reaches clients through servers on the same database.
 * A database that is away is waited for.
 * @throws StartupError when no shared database is given, or the data directory is in use or damaged
 */
export async function startControllers(settings: Settings, logger: Logger, stop: AbortSignal): Promise<RunningProcess> {
  if (!isShared(settings.database)) {
    throw new StartupError('controllers work for servers on a shared database; name it with --database-url-file');
  }
  const traces = await openTracing(settings.tracing, logger);
  const health = () => startHealthServer({ listen: settings.listen, check: notReady });
  const composition = openComposition(settings, logger, traces.tracing, createWaiting({ health, logger, stop }));
  composition.onClose(() => traces.close());
  try {
    return await compose(composition);
  } catch (error) {
    await composition.close();
    throw error;
  }
}

async function compose(composition: OpenComposition): Promise<RunningProcess> {
  const { settings, logger, clock, metrics, onClose } = composition;
  const data = await openData(composition);
  const state = await openState(composition, data);
  const sharing = await openSharing(composition, data, state);
  const access = await openAccess({ store: state.store, cache: state.objects, logger, clock, tokens: [] });
  onClose(() => access.close());
  const sources = storedSources(state);
  const { engine, parts } = openEngine(composition, data, state, sharing, sources, undefined);
  const resources = servedResources(composition, state, sources, engine, access);
  const controllers = openControllers(composition, data, state, sharing, parts, resources);
  const check = storeCheck(state.store, logger);
  const health = await startHealthServer({ listen: settings.listen, metrics, check });
  onClose(() => health.close());
  onClose(() => state.store.expectClose?.());
  controllers.start();
  return { address: health.address, close: () => composition.close() };
}

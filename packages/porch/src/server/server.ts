import type { Logger } from 'pino';
import { openAccess } from './access.ts';
import { openBackups } from './backups/open-backups.ts';
import { collectGarbage } from './collect-garbage.ts';
import { type OpenComposition, openComposition } from './composition.ts';
import { writePrivateFile } from './data-files.ts';
import { isShared } from './database-url.ts';
import { authorityFiles, openIdentity } from './identity.ts';
import { kubeconfig } from './kubeconfig.ts';
import { openApi } from './open-api.ts';
import { openControllers } from './open-controllers.ts';
import { openData } from './open-data.ts';
import { openEngine } from './open-engine.ts';
import { followFunctionConfigs, openFunctions } from './open-functions.ts';
import { openSharing } from './open-sharing.ts';
import { openState } from './open-state.ts';
import { reachable } from './reachable.ts';
import type { RunningServer } from './running-server.ts';
import { servedResources } from './served-resources.ts';
import type { Settings } from './settings.ts';
import { storedSources } from './sources.ts';
import { storedAuthority } from './stored-authority.ts';
import { openTokens } from './tokens.ts';
import { openTracing } from './tracing/open-tracing.ts';
import { openWebhooks } from './webhooks/open-webhooks.ts';

/**
 * Puts a standalone server together and starts it: first whoever owns the data directory and Git, then what is stored, then what
 * is computed from it, at last what is served.
 * @throws StartupError when the data directory is in use or damaged
 */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const traces = await openTracing(settings.tracing, logger);
  const composition = openComposition(settings, logger, traces.tracing);
  composition.onClose(() => traces.close());
  try {
    return await compose(composition);
  } catch (error) {
    await composition.close();
    throw error;
  }
}

async function compose(composition: OpenComposition): Promise<RunningServer> {
  const { settings, logger, clock, onClose } = composition;
  const data = await openData(composition);
  const state = await openState(composition, data);
  const backups = openBackups(composition, data, state);
  const sharing = await openSharing(composition, data, state);
  const authority = isShared(settings.database) ? storedAuthority(state) : authorityFiles(data.files);
  const hosts = [...new Set([settings.listen.host, ...settings.tlsSans])];
  const identity = await openIdentity(data.files, authority, hosts, clock);
  const tokens = await openTokens({ usersFile: data.files.users, tokenAuthFile: settings.tokenAuthFile, logger });
  const access = await openAccess({ store: state.store, cache: state.objects, logger, clock, tokens });
  onClose(() => access.close());
  const evaluator = await openFunctions(composition, data);
  const { engine, parts } = openEngine(composition, data, state, sharing, storedSources(state), evaluator);
  const resources = servedResources(composition, state, engine, access);
  const controllers = openControllers(composition, state, sharing, parts, resources);
  const api = await openApi(
    composition,
    identity,
    state,
    access,
    resources.definitions,
    await openWebhooks(composition, parts),
  );
  await collectGarbage();
  const { host, port } = await api.listen();
  const address = `https://${reachable(host)}:${port}`;
  await writePrivateFile(data.files.kubeconfig, kubeconfig(address, identity));
  controllers.start();
  backups.start();
  followFunctionConfigs(composition, state);
  return { address, kubeconfigPath: data.files.kubeconfig, close: () => composition.close() };
}

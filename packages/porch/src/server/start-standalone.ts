import { createBearerAuthenticator, createCertificateAuthenticator } from '@porch/apiserver';
import { defaultNamespace } from '../api/namespace/definition.ts';
import { openAccess } from './access.ts';
import { openBackups } from './backups/open-backups.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { OpenComposition } from './composition.ts';
import { writePrivateFile } from './data-files.ts';
import { isShared } from './database-url.ts';
import { ensureNamespace } from './ensure-namespace.ts';
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
import { storedSources } from './sources.ts';
import { storedAuthority } from './stored-authority.ts';
import { openTokens } from './tokens.ts';
import { openWebhooks } from './webhooks/open-webhooks.ts';

/**
 * Puts together and starts a server that needs nothing else: first whoever owns the data directory and Git, then what is stored,
 * then what is computed from it, at last what is served.
 * @throws StartupError when the data directory is in use or damaged
 */
export async function startStandalone(composition: OpenComposition): Promise<RunningServer> {
  const { settings, logger, clock, onClose } = composition;
  const data = await openData(composition);
  const state = await openState(composition, data);
  await ensureNamespace(state.store, defaultNamespace, clock());
  const backups = openBackups(composition, data, state);
  const sharing = await openSharing(composition, data, state);
  const place = isShared(settings.database) ? storedAuthority(state) : authorityFiles(data.files);
  const hosts = [...new Set([settings.listen.host, ...settings.tlsSans])];
  const identity = await openIdentity(data.files, place, hosts, clock);
  const tokens = await openTokens({ usersFile: data.files.users, tokenAuthFile: settings.tokenAuthFile, logger });
  const access = await openAccess({ store: state.store, cache: state.objects, logger, clock, tokens });
  onClose(() => access.close());
  const evaluator = await openFunctions(composition, data);
  const sources = storedSources(state);
  const { engine, parts } = openEngine(composition, data, state, sharing, sources, evaluator);
  const resources = servedResources(composition, state, engine, access);
  const controllers = openControllers(composition, state, sharing, parts, resources);
  const { authority, server } = identity;
  const api = await openApi(composition, state, {
    definitions: resources.definitions,
    openEndpoints: await openWebhooks(composition, parts),
    authenticators: [createCertificateAuthenticator(), createBearerAuthenticator(access.tokens)],
    authorizer: access.authorizer,
    tls: { key: server.key, cert: server.certificate, clientCa: authority.certificate },
  });
  await collectGarbage();
  const { host, port } = await api.listen();
  const address = `https://${reachable(host)}:${port}`;
  await writePrivateFile(data.files.kubeconfig, kubeconfig(address, identity));
  controllers.start();
  backups.start();
  followFunctionConfigs(composition, sources);
  return { address, kubeconfigPath: data.files.kubeconfig, close: () => composition.close() };
}

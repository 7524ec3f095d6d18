import {
  askingForCredentials,
  createAuthenticatorUnion,
  createBearerAuthenticator,
  createCertificateAuthenticator,
} from '@porch/apiserver';
import { defaultNamespace } from '../api/namespace/definition.ts';
import { openAccess } from './access.ts';
import { accountTokens } from './account-tokens.ts';
import { openBackups } from './backups/open-backups.ts';
import type { Identity } from './certificates/identity.ts';
import { collectGarbageOf } from './collect-garbage.ts';
import type { OpenComposition } from './composition.ts';
import { writePrivateFile } from './data-files.ts';
import { ensureNamespace } from './ensure-namespace.ts';
import { followFunctionConfigs } from './function-configs.ts';
import { kubeconfig } from './kubeconfig.ts';
import { openApi } from './open-api.ts';
import { openCertificates, servingTls } from './open-certificates.ts';
import { openControllers } from './open-controllers.ts';
import { openData } from './open-data.ts';
import { openEngine } from './open-engine.ts';
import { openFunctions } from './open-functions.ts';
import { openSharing } from './open-sharing.ts';
import { openState } from './open-state.ts';
import { reachable } from './reachable.ts';
import type { RunningServer } from './running-server.ts';
import { servedResources } from './served-resources.ts';
import { storedSources } from './sources.ts';
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
  const certificates = await openCertificates(composition, data, state);
  const { tokenAuthFile, oidc } = settings;
  const tokens = await openTokens({ usersFile: data.files.users, tokenAuthFile, oidc, logger, clock });
  const accounts = accountTokens(state.objects, certificates, clock);
  const access = await openAccess({ store: state.store, cache: state.objects, logger, clock, tokens, accounts });
  onClose(() => access.close());
  const evaluator = await openFunctions(composition, data);
  const sources = storedSources(state);
  const { engine, parts } = openEngine(composition, data, state, sharing, sources, evaluator);
  const resources = servedResources(composition, state, sources, engine, access);
  const controllers = openControllers(composition, data, state, sharing, parts, resources);
  const api = await openApi(composition, state, {
    definitions: resources.definitions,
    openEndpoints: await openWebhooks(composition, parts),
    authenticators: [
      createAuthenticatorUnion([createCertificateAuthenticator(), createBearerAuthenticator(access.tokens)], (error) =>
        logger.error({ err: error }, 'it could not be found out who makes a request'),
      ),
    ],
    authorizer: askingForCredentials(access.authorizer),
    tls: servingTls(certificates.current),
  });
  certificates.onChange((identity) => api.setTls(servingTls(identity)));
  await collectGarbageOf(state.objects);
  const { host, port } = await api.listen();
  const address = `https://${reachable(host)}:${port}`;
  const writeKubeconfig = (identity: Identity) =>
    writePrivateFile(data.files.kubeconfig, kubeconfig(address, identity));
  await writeKubeconfig(certificates.current);
  certificates.onChange(writeKubeconfig);
  controllers.start();
  backups.start();
  followFunctionConfigs(composition, sources, sharing);
  return { address, kubeconfigPath: data.files.kubeconfig, close: () => composition.close() };
}

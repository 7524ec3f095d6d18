import {
  type AnyResourceDefinition,
  createApiServer,
  createBearerAuthenticator,
  createCertificateAuthenticator,
  createDiscovery,
  type OpenEndpoint,
  productGitVersion,
} from '@porch/apiserver';
import type { Access } from './access.ts';
import { openAudit } from './audit.ts';
import type { Composition } from './composition.ts';
import type { Identity } from './identity.ts';
import type { ServerState } from './open-state.ts';
import { serverVersion } from './version.ts';

/** The API server, not listening yet. */
export type Api = ReturnType<typeof createApiServer>;

/**
 * Makes the API server over what is served.
 * @throws StartupError when the audit log cannot be used
 */
export async function openApi(
  { settings, logger, metrics, tracing, onClose }: Composition,
  identity: Identity,
  { store }: ServerState,
  access: Access,
  definitions: readonly AnyResourceDefinition[],
  openEndpoints: readonly OpenEndpoint[],
): Promise<Api> {
  const audit = await openAudit(settings.audit, logger, (text) => process.stdout.write(text), metrics);
  if (audit !== undefined) onClose(() => audit.close());
  const api = createApiServer({
    ...(audit === undefined ? {} : { audit: audit.options }),
    metrics,
    tracing,
    profiling: settings.profiling,
    openEndpoints,
    definitions,
    discovery: createDiscovery({ definitions, version: productGitVersion('porch', serverVersion), title: 'Porch' }),
    authenticators: [createCertificateAuthenticator(), createBearerAuthenticator(access.tokens)],
    authorizer: access.authorizer,
    tls: { key: identity.server.key, cert: identity.server.certificate, clientCa: identity.authority.certificate },
    listen: settings.listen,
    logger,
    validationCode: 400,
    healthChecks: [
      {
        name: 'store',
        // A server that is cut off from a shared database comes back by itself; starting it again would not help.
        of: store.latestRevision === undefined ? 'live' : 'ready',
        check: async () => {
          await store.commit({ operations: [] });
        },
      },
    ],
  });
  onClose(() => api.close());
  return api;
}

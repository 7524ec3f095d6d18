import {
  type ApiServer,
  type ApiServerOptions,
  createApiServer,
  createDiscovery,
  productGitVersion,
} from '@porch/apiserver';
import { openAudit } from './audit.ts';
import type { Composition } from './composition.ts';
import type { ServerState } from './open-state.ts';
import { serverVersion } from './version.ts';

/** What is served, how, and to whom: this is where the modes of the server differ. */
export type Serving = Required<
  Pick<ApiServerOptions, 'definitions' | 'openEndpoints' | 'authenticators' | 'authorizer' | 'tls'>
>;

/**
 * Makes the API server over what is served. It does not listen yet.
 * @throws StartupError when the audit log cannot be used
 */
export async function openApi(
  { settings, logger, metrics, tracing, onClose }: Composition,
  { store }: ServerState,
  serving: Serving,
): Promise<ApiServer> {
  const audit = await openAudit(settings.audit, logger, process.stdout, metrics);
  if (audit !== undefined) onClose(() => audit.close());
  const api = createApiServer({
    ...(audit === undefined ? {} : { audit: audit.options }),
    metrics,
    tracing,
    profiling: settings.profiling,
    ...serving,
    discovery: createDiscovery({
      definitions: serving.definitions,
      version: productGitVersion('porch', serverVersion),
      title: 'Porch',
      otherPaths: ['/metrics', ...(settings.profiling ? ['/debug/pprof'] : [])],
    }),
    listen: settings.listen,
    limits: { maxBodyBytes: settings.maxRequestBodyBytes },
    shutdown: { delayMs: settings.shutdownDelayMs, onRefusing: () => store.expectClose?.() },
    logger,
    validationCode: 400,
    healthChecks: [
      {
        name: 'store',
        // A server that is cut off from a shared database comes back by itself; starting it again would not help.
        of: store.latestRevision === undefined ? 'live' : 'ready',
        check: async () => {
          await (store.latestRevision?.() ?? store.commit({ operations: [] }));
        },
      },
    ],
  });
  onClose(() => api.close());
  return api;
}

import { trustedCertificates } from '@porch/apiserver';
import { NamespaceGate } from '../../api/namespace/gate.ts';
import type { ClusterCollection } from '../../api/package-revision/without-owners.ts';
import { repositoryAdmission } from '../../api/repository/admission.ts';
import { openBackups } from '../backups/open-backups.ts';
import { collectGarbageOf } from '../collect-garbage.ts';
import type { OpenComposition } from '../composition.ts';
import { followFunctionConfigs } from '../function-configs.ts';
import { openApi } from '../open-api.ts';
import { openData } from '../open-data.ts';
import { openEngine } from '../open-engine.ts';
import { openFunctions } from '../open-functions.ts';
import { openSharing } from '../open-sharing.ts';
import { openState } from '../open-state.ts';
import { packageDefinitions } from '../package-definitions.ts';
import { reachable } from '../reachable.ts';
import { noteCluster } from '../repositories-place.ts';
import type { RunningServer } from '../running-server.ts';
import type { ClusterSettings } from '../settings.ts';
import { openWebhooks } from '../webhooks/open-webhooks.ts';
import { admissionEndpoint } from './admission-endpoint.ts';
import { delegatedAccess } from './delegated-access.ts';
import { openCertificate } from './open-certificate.ts';
import { openCluster } from './open-cluster.ts';
import { openClusterControllers } from './open-cluster-controllers.ts';

/**
 * Puts together and starts a server that stands behind a kube-apiserver: it serves packages only; identities, permissions,
 * Repositories, Secrets and namespaces are the cluster's.
 * @throws StartupError when the cluster, the data directory or a file cannot be used
 */
export async function startAggregated(composition: OpenComposition, settings: ClusterSettings): Promise<RunningServer> {
  const { logger, clock } = composition;
  const cluster = await openCluster(composition, settings);
  const { client, namespaces, revisionEvents, sources, trust } = cluster;
  const data = await openData(composition);
  const state = await openState(composition, data);
  const backups = openBackups(composition, data, state);
  const sharing = await openSharing(composition, data, state, cluster.identity);
  if (cluster.identity !== undefined) {
    await noteCluster(cluster.identity, { store: sharing.store, objects: state.objects }, logger);
  }
  const evaluator = await openFunctions(composition, data);
  const { engine, parts } = openEngine(composition, data, state, sharing, sources, evaluator);
  const gate = new NamespaceGate(
    (namespace) => namespaces.stateOf(namespace),
    (namespace) => namespaces.lookUp(namespace),
  );
  const { allowLocalRepositories: allowLocal, gitHosts: hosts, enforceReadinessGates } = composition.settings;
  const remotes = { allowLocal, hosts };
  const access = delegatedAccess(client, trust, logger);
  const certificate = await openCertificate(composition, settings, cluster, data, state);
  const tls = (shown = certificate.current.server) => ({
    key: shown.key,
    cert: shown.certificate,
    clientCa: trustedCertificates(trust.current()),
  });
  const admit = repositoryAdmission({
    ...remotes,
    registered: () => sources.registrations.list(),
    watchRegistered: (listener) => sources.registrations.watch(({ object }) => listener(object)),
    now: () => performance.now(),
    async mayGetSecret(user, namespace, name) {
      const secret = {
        type: 'resource',
        verb: 'get',
        group: '',
        resource: 'secrets',
        subresource: '',
        namespace,
        name,
      } as const;
      return (await access.authorizer.authorize(user, secret, AbortSignal.timeout(10_000))).allowed;
    },
  });
  const collection: ClusterCollection = {
    isTerminating: sources.namespaces.isTerminating,
    kept: (object, message) => revisionEvents.record(object, { type: 'Warning', reason: 'KeptWithoutOwners', message }),
  };
  const api = await openApi(composition, state, {
    ...access,
    tls: tls(),
    definitions: packageDefinitions({ engine, gate, clock, ...remotes, enforceReadinessGates, collection }),
    openEndpoints: [...(await openWebhooks(composition, parts)), admissionEndpoint(admit)],
  });
  certificate.onChange(({ server }) => api.setTls(tls(server)));
  trust.onChange(() => api.setTls(tls()));
  await collectGarbageOf(state.objects);
  const { host, port } = await api.listen();
  parts.queue.start();
  const controllers = await openClusterControllers(composition, cluster, data, sharing, parts);
  controllers.start();
  backups.start();
  followFunctionConfigs(composition, sources, sharing);
  return { address: `https://${reachable(host)}:${port}`, close: () => composition.close() };
}

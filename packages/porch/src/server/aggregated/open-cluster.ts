import { hostname } from 'node:os';
import { isConnectionFailure } from '@porch/apiserver';
import type { Logger } from 'pino';
import { awaitedSecrets } from '../../cluster/awaited-secrets.ts';
import { ClusterClient } from '../../cluster/cluster-client.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { followFunctionConfigs } from '../../cluster/cluster-function-configs.ts';
import { type ClusterNamespaces, followNamespaces } from '../../cluster/cluster-namespaces.ts';
import { followRegistrations } from '../../cluster/cluster-registrations.ts';
import { clusterSecrets } from '../../cluster/cluster-secrets.ts';
import { type ClusterAddress, ClusterConfigError } from '../../cluster/credentials.ts';
import { type DelegatedTrustSource, followDelegatedTrust } from '../../cluster/delegated-trust-source.ts';
import { ClusterEventRecorder } from '../../cluster/event-recorder.ts';
import { inCluster, ownNamespace } from '../../cluster/in-cluster.ts';
import { kubeconfigFile } from '../../cluster/kubeconfig-file.ts';
import { missingResources } from '../../cluster/missing-resources.ts';
import { missingPermissions, type RequiredRule } from '../../cluster/required-access.ts';
import type { RepositoryEvents } from '../../controllers/repository-events.ts';
import { configGroup, configVersion } from '../../resources/group.ts';
import type { Composition } from '../composition.ts';
import type { ClusterSettings } from '../settings.ts';
import type { Sources } from '../sources.ts';
import { StartupError, UnreachableError } from '../startup-error.ts';
import { serverVersion } from '../version.ts';
import { defaultServerNamespace } from './names.ts';
import { requiredRules } from './required-rules.ts';

/** The cluster that the server works for, as far as the server knows it. */
export interface Cluster {
  readonly client: ClusterClient;
  /** The namespace that the server runs in. */
  readonly namespace: string;
  readonly namespaces: ClusterNamespaces;
  /** What no other cluster has; undefined where the cluster does not say it. */
  readonly identity: string | undefined;
  /** Where Events about Repositories are recorded. */
  readonly events: RepositoryEvents;
  /** Where Events about package revisions are recorded. */
  readonly revisionEvents: ClusterEventRecorder;
  readonly sources: Sources;
  /** Whom the kube-apiserver in front says may be believed. */
  readonly trust: DelegatedTrustSource;
}

async function addressOf(settings: ClusterSettings, { logger }: Composition): Promise<ClusterAddress> {
  const { kubeconfig, service, serviceAccountDirectory } = settings;
  try {
    if (kubeconfig !== '') return await kubeconfigFile(kubeconfig, logger);
    return await inCluster({ service, directory: serviceAccountDirectory, logger });
  } catch (error) {
    if (error instanceof ClusterConfigError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

/** What the server follows and writes of its own group in a cluster. */
const ownResources = ['repositories', 'repositories/status', 'functionconfigs', 'functionconfigs/status'];

const noIdentity =
  'the cluster has no namespace kube-system, whose UID tells it from other clusters: it is not seen when servers of another cluster use ' +
  'the same database';

/** @throws StartupError that says where the cluster is, when it does not answer: UnreachableError when it may at another time */
async function asked<T>(client: ClusterClient, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const { server, source } = client.address;
    const why =
      error.code === 401
        ? `the cluster at ${server} does not take the credentials in ${source}`
        : `the cluster at ${server} (from ${source}) cannot be asked: ${error.message}`;
    const isAway = isConnectionFailure(error) || (error.code !== undefined && error.transient);
    throw new (isAway ? UnreachableError : StartupError)(why, { cause: error });
  }
}

/** How long the cluster may take to say whether it is ready. */
const readyWithinMs = 10_000;

/**
 * A cluster that has just started refuses what its roles allow until it has read them, and says meanwhile that it is not ready. One that
 * tells nobody is taken for ready.
 * @throws ClusterError, which is transient while the cluster is not ready
 */
async function requireReady(client: ClusterClient): Promise<void> {
  try {
    (await client.open('/readyz', {}, AbortSignal.timeout(readyWithinMs))).resume();
  } catch (error) {
    if (!(error instanceof ClusterError && (error.code === 403 || error.code === 404))) throw error;
  }
}

/**
 * Warns of permissions that a server may have for some namespaces only.
 * @throws StartupError with a line for every other permission that is missing
 */
async function requirePermissions(
  client: ClusterClient,
  rules: readonly RequiredRule[],
  logger: Logger,
): Promise<void> {
  const missing = await asked(client, async () => {
    await requireReady(client);
    return await missingPermissions(client, rules);
  });
  for (const { line } of missing.filter(({ rule }) => rule.isLimitable)) {
    logger.warn(`${line}; where no Role allows it instead, Repositories with a Secret are not Ready`);
  }
  const details = missing.filter(({ rule }) => !rule.isLimitable).map(({ line }) => line);
  if (details.length === 0) return;
  const why = 'the cluster does not let the server do its work; deploy/base/rbac.yaml has all that it needs:';
  throw new StartupError(why, { details });
}

/**
 * A kubeconfig is easily taken for the one that clients have of a server that stands alone: two servers would look after its repositories.
 * @throws StartupError unless API servers can stand behind the cluster's
 */
async function requireAggregation(client: ClusterClient): Promise<void> {
  const missing = await asked(client, () => missingResources(client, 'apiregistration.k8s.io', 'v1', ['apiservices']));
  if (missing.length === 0) return;
  const { server, source } = client.address;
  throw new StartupError(
    `no API server can stand behind ${server} (from ${source}), which has no APIServices; a server that stands alone takes no ` +
      '--kubeconfig, and writes one for its clients',
  );
}

/** @throws StartupError with a line for every resource that the cluster does not serve */
async function requireResources(client: ClusterClient): Promise<void> {
  const missing = await asked(client, () => missingResources(client, configGroup, configVersion, ownResources));
  if (missing.length === 0) return;
  throw new StartupError('the cluster does not have what the server works with; apply deploy/crds:', {
    details: missing.map((resource) => `missing resource: ${resource} of ${configGroup}/${configVersion}`),
  });
}

/**
 * Finds the cluster, which is waited for while it is away, makes sure that the server may do its work there, and follows what it needs:
 * namespaces, Repositories, FunctionConfigs, and whom it may believe.
 * @throws StartupError when the cluster does not take the credentials, does not allow something, has no aggregation, or lacks a
 * CustomResourceDefinition
 */
export async function openCluster(composition: Composition, settings: ClusterSettings): Promise<Cluster> {
  const { logger, clock, tracing, onClose, whenReachable } = composition;
  const { database } = composition.settings;
  const namespace =
    settings.namespace || (await ownNamespace(settings.serviceAccountDirectory)) || defaultServerNamespace;
  const client = new ClusterClient(await addressOf(settings, composition), `porch/${serverVersion}`, tracing);
  onClose(() => client.close());
  const rules = requiredRules(namespace, { database, cluster: settings });
  await whenReachable(() => requirePermissions(client, rules, logger));
  await whenReachable(() => requireAggregation(client));
  await whenReachable(() => requireResources(client));
  const recorder = (component: string) => {
    const events = new ClusterEventRecorder({ client, component, instance: hostname(), clock, logger });
    onClose(() => events.close());
    return events;
  };
  const events = recorder('porch-repository-controller');
  const revisionEvents = recorder('porch-server');
  const informing = { logger, random: Math.random };
  const followed = async <T extends { close(): Promise<void> }>(follow: () => Promise<T>): Promise<T> => {
    const found = await whenReachable(() => asked(client, follow));
    onClose(() => found.close());
    return found;
  };
  const namespaces = await followed(() => followNamespaces(client, informing));
  const identity = namespaces.identity();
  if (identity === undefined) logger.warn(noIdentity);
  const registrations = await followed(() => followRegistrations({ client, ...informing }));
  const functionConfigs = await followed(() => followFunctionConfigs(client, informing));
  const trust = await followed(() => followDelegatedTrust(client, logger, informing.random));
  const isTerminating = (name: string) => namespaces.stateOf(name) === 'terminating';
  const secrets = clusterSecrets({ client, isTerminating, awaited: () => awaitedSecrets(registrations), logger });
  const sources = { registrations, secrets, namespaces: { isTerminating }, functionConfigs };
  return { client, namespace, namespaces, identity, events, revisionEvents, sources, trust };
}

import { availableParallelism } from 'node:os';
import {
  createApiServer,
  createBearerAuthenticator,
  createCertificateAuthenticator,
  createDiscovery,
  createWatchCache,
  EventExpiry,
  productGitVersion,
} from '@porch/apiserver';
import { createPackageWorkers } from '@porch/kpt';
import type { Logger } from 'pino';
import { defaultNamespace } from '../api/namespace/definition.ts';
import { NamespaceGate } from '../api/namespace/gate.ts';
import { ContentStore } from '../cache/content-store.ts';
import { GitRepositories } from '../cache/git-repositories.ts';
import { IntentIndex } from '../cache/intent-index.ts';
import { Mutexes, TryLocks } from '../cache/locks.ts';
import { RevisionCache } from '../cache/revision-cache.ts';
import { UpstreamIndex } from '../cache/upstream-index.ts';
import { NamespaceController } from '../controllers/namespace-controller.ts';
import { RepositoryController } from '../controllers/repository-controller.ts';
import { createEngine } from '../engine/engine.ts';
import type { EngineParts } from '../engine/parts.ts';
import { BrokerRefusedError, startBroker } from '../git/broker/start-broker.ts';
import { createMirrors } from '../git/mirror.ts';
import { MirrorQueue } from '../outbox/mirror-queue.ts';
import { namespaces } from '../resources/group.ts';
import { openAccess } from './access.ts';
import { openAudit } from './audit.ts';
import { collectGarbage } from './collect-garbage.ts';
import { openDataFiles, writePrivateFile } from './data-files.ts';
import { resourceDefinitions } from './definitions.ts';
import { ensureNamespace } from './ensure-namespace.ts';
import { extractionRules } from './extraction-rules.ts';
import { openIdentity } from './identity.ts';
import { kubeconfig } from './kubeconfig.ts';
import { namespaceContents } from './namespace-contents.ts';
import { openStore } from './open-store.ts';
import type { RunningServer } from './running-server.ts';
import type { Settings } from './settings.ts';
import { StartupError } from './startup-error.ts';
import { openTokens } from './tokens.ts';
import { serverVersion } from './version.ts';

const contentCacheBytes = 64 * 1024 * 1024;

/**
 * Puts a standalone server together and starts it: first whoever owns the data directory and Git, then what is stored, then what
 * is computed from it, at last what is served.
 * @throws StartupError when the data directory is in use or damaged
 */
export async function startServer(settings: Settings, logger: Logger): Promise<RunningServer> {
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  const fatal = (error: Error): never => {
    logger.fatal({ err: error }, 'the server cannot go on');
    process.exit(1);
  };
  try {
    return await compose(settings, logger, closers, fatal, closeAll);
  } catch (error) {
    await closeAll();
    if (error instanceof BrokerRefusedError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

async function compose(
  settings: Settings,
  logger: Logger,
  closers: (() => Promise<unknown> | unknown)[],
  fatal: (error: Error) => never,
  closeAll: () => Promise<void>,
): Promise<RunningServer> {
  const clock = (): Date => new Date();
  let closing = false;
  const processes = await startBroker({
    directory: settings.dataDirectory,
    logger,
    onFailure: (error) => {
      if (!closing) fatal(error);
    },
  });
  closers.push(() => processes.close());
  const files = await openDataFiles(settings.dataDirectory);
  const identity = await openIdentity(files, [...new Set([settings.listen.host, ...settings.tlsSans])], clock);

  const store = await openStore(files, logger, fatal);
  closers.push(() => store.close());
  await ensureNamespace(store, defaultNamespace, clock());
  const objects = await createWatchCache({ store, definitions: extractionRules, logger });
  const tokens = await openTokens({ usersFile: files.users, tokenAuthFile: settings.tokenAuthFile, logger });
  const access = await openAccess({ store, cache: objects, logger, clock, tokens });
  closers.push(() => access.close());
  const cache = new RevisionCache(objects, extractionRules);

  const allowLocal = settings.allowLocalRepositories;
  const mirrors = createMirrors({ directory: settings.dataDirectory, processes, logger, allowLocal });
  closers.push(() => mirrors.close());
  const repositories = new GitRepositories(cache, mirrors);
  const contents = new ContentStore(store, repositories, contentCacheBytes);
  const workers = createPackageWorkers({ threads: Math.max(1, availableParallelism() - 1) });
  closers.push(() => workers.close());
  const queue = new MirrorQueue({
    cache,
    store,
    repositories,
    contents,
    clock,
    logger,
    mode: settings.pushDrafts,
    gatherMs: 50,
    retryMs: { first: 1000, most: 60_000 },
  });
  closers.push(() => queue.close());

  const intents = new IntentIndex(objects);
  closers.push(() => intents.close());
  const parts: EngineParts = {
    cache,
    store,
    repositories,
    contents,
    workers,
    queue,
    intents,
    clock,
    logger,
    revisionLocks: new TryLocks(),
    packageMutexes: new Mutexes(),
    render: { defaultImagePrefix: settings.defaultImagePrefix },
    pushDrafts: settings.pushDrafts,
  };
  const upstreams = new UpstreamIndex(objects);
  closers.push(() => upstreams.close());
  const controller = new RepositoryController({
    parts,
    logger,
    frequencyMs: settings.repoSyncFrequencyMs,
    concurrency: 8,
    housekeepingMs: 5_000,
    random: Math.random,
  });
  closers.push(() => controller.close());

  const events = new EventExpiry({
    store,
    cache: objects,
    logger,
    keepMs: 3_600_000,
    everyMs: 60_000,
    now: Date.now,
  });
  closers.push(() => events.close());

  const gate = new NamespaceGate((namespace) => {
    const served = objects.get({ resource: namespaces, namespace: '', name: namespace });
    if (served === undefined) return undefined;
    return served.decode().metadata.deletionTimestamp === undefined ? 'active' : 'terminating';
  });
  const definitions = resourceDefinitions({
    gate,
    store,
    cache: objects,
    engine: createEngine(parts, upstreams),
    access,
    clock,
    allowLocalRepositories: allowLocal,
  });
  const namespaceController = new NamespaceController({
    store,
    cache: objects,
    contents: namespaceContents(objects, definitions, gate),
    logger,
    everyMs: 100,
  });
  closers.push(() => namespaceController.close());
  const audit = await openAudit(settings.audit, logger, (text) => process.stdout.write(text));
  if (audit !== undefined) closers.push(() => audit.close());
  const api = createApiServer({
    ...(audit === undefined ? {} : { audit: audit.options }),
    definitions,
    discovery: createDiscovery({ definitions, version: productGitVersion('porch', serverVersion), title: 'Porch' }),
    authenticators: [createCertificateAuthenticator(), createBearerAuthenticator(tokens)],
    authorizer: access.authorizer,
    tls: { key: identity.server.key, cert: identity.server.certificate, clientCa: identity.authority.certificate },
    listen: settings.listen,
    logger,
    validationCode: 400,
    healthChecks: [
      {
        name: 'store',
        of: 'live',
        check: async () => {
          await store.commit({ operations: [] });
        },
      },
    ],
  });
  closers.push(() => api.close());
  await collectGarbage();
  const { host, port } = await api.listen();
  const address = `https://${reachable(host)}:${port}`;
  await writePrivateFile(files.kubeconfig, kubeconfig(address, identity));
  queue.start();
  controller.start();
  namespaceController.start();
  return {
    address,
    kubeconfigPath: files.kubeconfig,
    close: () => {
      closing = true;
      return closeAll();
    },
  };
}

/** An address that a client on this machine can use. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

import { availableParallelism } from 'node:os';
import { createPackageWorkers, type FunctionEvaluator, type PackageWorkersOptions } from '@porch/kpt';
import { ContentStore } from '../cache/content-store.ts';
import { functionRules } from '../cache/function-rules.ts';
import { GitRepositories } from '../cache/git-repositories.ts';
import { Mutexes } from '../cache/locks.ts';
import { conflictsIn, decisionsIn, intentsIn } from '../cache/marked-objects.ts';
import { UpstreamIndex } from '../cache/upstream-index.ts';
import { createEngine } from '../engine/engine.ts';
import { measureFunctions } from '../engine/measured-functions.ts';
import { observeEngine } from '../engine/observed-engine.ts';
import { observeWorkers } from '../engine/observed-workers.ts';
import type { EngineParts } from '../engine/parts.ts';
import type { Engine } from '../engine/types.ts';
import { createMirrors } from '../git/mirror.ts';
import { observeMirrors } from '../git/observed-mirrors.ts';
import { MirrorQueue } from '../outbox/mirror-queue.ts';
import { measureIntents } from '../outbox/outbox-metrics.ts';
import type { Composition } from './composition.ts';
import type { ServerData } from './open-data.ts';
import { openMirrorCleanup } from './open-mirror-cleanup.ts';
import type { Sharing } from './open-sharing.ts';
import type { ServerState } from './open-state.ts';
import type { Sources } from './sources.ts';

const contentCacheBytes = 64 * 1024 * 1024;

/** The engine, and the parts that the controllers share with it. */
export interface ServerEngine {
  readonly engine: Engine;
  readonly parts: EngineParts;
}

/** Makes the engine over its state and Git. Unused mirrors go by themselves from now on; the queue waits for its start. */
export function openEngine(
  composition: Composition,
  data: ServerData,
  state: ServerState,
  sharing: Sharing,
  sources: Sources,
  evaluator: FunctionEvaluator | undefined,
): ServerEngine {
  const { settings, logger, clock, metrics, tracing, onClose } = composition;
  const { objects, cache } = state;
  const { store } = sharing;
  // When this process no longer counts as alive, nothing of it may be on its way to a remote.
  onClose(() => data.processes.endAll());
  const mirrors = observeMirrors(
    createMirrors({
      directory: settings.dataDirectory,
      processes: data.processes,
      logger,
      remotes: { allowLocal: settings.allowLocalRepositories, hosts: settings.gitHosts },
      readTimeoutMs: settings.listTimeoutPerRepositoryMs,
      metrics,
    }),
    { metrics, tracing },
  );
  onClose(() => mirrors.close());
  openMirrorCleanup(composition, mirrors, sources.registrations);
  const repositories = new GitRepositories(sources.registrations, sources.secrets, mirrors);
  const contents = new ContentStore(store, repositories, contentCacheBytes, settings.maxRequestBodyBytes);
  const threads = Math.max(1, availableParallelism() - 1);
  const workersOptions: PackageWorkersOptions = {
    threads,
    observer: measureFunctions(metrics),
    functionLimits: settings.functions.limits,
    onIdleFailure: (error) => logger.warn({ err: error }, 'a thread that works on packages failed outside of any job'),
    ...(evaluator && { evaluator }),
  };
  const workers = observeWorkers(createPackageWorkers(workersOptions), threads, { metrics, tracing });
  onClose(() => workers.close());
  const conflicts = conflictsIn(objects);
  onClose(() => conflicts.close());
  const queue = new MirrorQueue({
    cache,
    conflicts,
    store,
    repositories,
    contents,
    clock,
    logger,
    mode: settings.pushDrafts,
    metrics,
    tracing,
    gatherMs: 50,
    retryMs: { first: 1000, most: 60_000 },
    locks: sharing.locks,
    ownership: sharing.ownership,
  });
  onClose(() => queue.close());
  const intents = intentsIn(objects);
  onClose(() => intents.close());
  measureIntents(intents, cache, metrics);
  const decisions = decisionsIn(objects);
  onClose(() => decisions.close());
  const upstreams = new UpstreamIndex(objects);
  onClose(() => upstreams.close());
  const parts: EngineParts = {
    cache,
    store,
    ...sources,
    repositories,
    contents,
    workers,
    queue,
    intents,
    conflicts,
    decisions,
    clock,
    logger,
    revisionLocks: sharing.locks,
    packageMutexes: new Mutexes(),
    render: (namespace) => ({
      defaultImagePrefix: settings.defaultImagePrefix,
      ...(settings.schemaDirectory !== '' && { schemaDirectory: settings.schemaDirectory }),
      builtIn: !settings.functions.disabled.includes('builtin'),
      rules: functionRules(sources.functionConfigs, namespace, settings.defaultImagePrefix),
    }),
    pushDrafts: settings.pushDrafts,
  };
  return { engine: observeEngine(createEngine(parts, upstreams), { metrics, tracing }), parts };
}

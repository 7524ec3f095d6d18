import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createWatchCache,
  type KubernetesObject,
  noMetrics,
  noTracing,
  openSqliteStore,
  type UpdateFunction,
  type WriteResult,
} from '@porch/apiserver';
import { createPackageWorkers } from '@porch/kpt';
import pino from 'pino';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { type GitServer, type GitServerOptions, startGitServer } from '../../../../e2e/harness/git-server.ts';
import { type RecordedContext, requestContext } from '../api/request-context.test-support.ts';
import { ContentStore } from '../cache/content-store.ts';
import { GitRepositories } from '../cache/git-repositories.ts';
import { LocalLocks, Mutexes } from '../cache/locks.ts';
import { conflictsIn, decisionsIn, intentsIn } from '../cache/marked-objects.ts';
import { RevisionCache } from '../cache/revision-cache.ts';
import { storeRegistrations } from '../cache/store-registrations.ts';
import { storeSecrets } from '../cache/store-secrets.ts';
import { UpstreamIndex } from '../cache/upstream-index.ts';
import type { SyncReport } from '../controllers/sync/report.ts';
import { type SyncMemory, syncRepository } from '../controllers/sync/sync-repository.ts';
import { startBroker } from '../git/broker/start-broker.ts';
import { DiscoveryMemories } from '../git/discovery-memories.ts';
import { createMirrors } from '../git/mirror.ts';
import type { Mirror, Mirrors } from '../git/types.ts';
import { MirrorQueue } from '../outbox/mirror-queue.ts';
import { soleOwnership } from '../outbox/sharing/ownership.ts';
import type { PushDrafts } from '../outbox/wanted-references.ts';
import { configApiVersion, porchApiVersion, repositories } from '../resources/group.ts';
import type { PackageRevision, Task } from '../resources/package-revision.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';
import type { Repository } from '../resources/repository.ts';
import { extractionRules } from '../server/extraction-rules.ts';
import { createEngine } from './engine.ts';
import type { EngineParts } from './parts.ts';
import { settleIntents } from './settle.ts';
import type { Engine } from './types.ts';

const logger = pino({ level: 'silent' });
const write = { dryRun: false, fieldManager: 'test' };

/** Everything of a server below the API, with a real store, real Git and a real Git server. */
export interface Trial {
  readonly parts: EngineParts;
  readonly engine: Engine;
  readonly mirrors: Mirrors;
  readonly gitServer: GitServer;
  readonly context: RecordedContext;
  /** The namespace that is being deleted, if any is. */
  terminating?: string;
  /** A remote with one empty commit on main, registered and synchronised. */
  addRepository(name: string, spec?: Partial<NonNullable<Repository['spec']['git']>>): Promise<string>;
  /** The same under a name of its own, which it gives. */
  newRepository(): Promise<string>;
  /** Names of all references of a remote, sorted. */
  references(name: string): Promise<string[]>;
  sync(name: string, acceptVanished?: boolean): Promise<SyncReport>;
  /** Forgets what synchronisations of a repository have seen, as a process that starts. */
  restartSync(name: string): void;
  settle(): Promise<number>;
  create(repository: string, packageName: string, workspaceName: string, task?: Task): Promise<PackageRevision>;
  update(name: string, change: (object: PackageRevision) => void, dryRun?: boolean): Promise<PackageRevision>;
  setLifecycle(name: string, lifecycle: string): Promise<PackageRevision>;
  /** Proposes and approves a draft. */
  publish(name: string): Promise<PackageRevision>;
  resources(name: string): Promise<PackageRevisionResources>;
  setFiles(name: string, change: (files: Record<string, string>) => void): Promise<PackageRevisionResources>;
  remove(name: string): Promise<unknown>;
  /** Waits until Git has everything of a revision. */
  mirrored(name: string): Promise<void>;
  get(name: string): PackageRevision | undefined;
  /** Runs plain git in the bare repository of a remote. */
  git(repository: string, ...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Stands between the server and its mirrors, to make real operations fail at a chosen moment. */
export type Interference = (mirror: Mirror) => Mirror;

/** Starts a trial. */
export async function startTrial(
  mode: PushDrafts = 'async',
  gitServer: GitServerOptions = {},
  interference: Interference = (mirror) => mirror,
): Promise<Trial> {
  const directory = mkdtempSync(join(tmpdir(), 'porch-trial-'));
  const server = await startGitServer(gitServer);
  const processes = await startBroker({ directory, logger });
  const store = await openSqliteStore({ directory: join(directory, 'store') });
  const objects = await createWatchCache({ store, definitions: extractionRules });
  const cache = new RevisionCache(objects, extractionRules);
  const real = createMirrors({ directory, processes, logger, remotes: { allowLocal: false } });
  const interfered = new Map<Mirror, Mirror>();
  const mirrors: Mirrors = {
    ...real,
    async open(url) {
      const mirror = await real.open(url);
      const other = interfered.get(mirror) ?? interference(mirror);
      interfered.set(mirror, other);
      return other;
    },
  };
  const registrations = storeRegistrations(objects, store);
  const secrets = storeSecrets(objects);
  const git = new GitRepositories(registrations, secrets, mirrors);
  const contents = new ContentStore(store, git, 1 << 20);
  const workers = createPackageWorkers({ threads: 1 });
  const clock = (): Date => new Date();
  const locks = new LocalLocks();
  const retryMs = { first: 20, most: 200 };
  const conflicts = conflictsIn(objects);
  const queue = new MirrorQueue({
    cache,
    conflicts,
    store,
    repositories: git,
    contents,
    clock,
    logger,
    mode,
    metrics: noMetrics,
    tracing: noTracing,
    gatherMs: 5,
    retryMs,
    locks,
    ownership: soleOwnership(store),
  });
  const parts: EngineParts = {
    cache,
    store,
    registrations,
    secrets,
    namespaces: { isTerminating: (namespace) => namespace === trial.terminating },
    repositories: git,
    contents,
    workers,
    queue,
    intents: intentsIn(objects),
    conflicts,
    decisions: decisionsIn(objects),
    clock,
    logger,
    revisionLocks: locks,
    packageMutexes: new Mutexes(),
    render: () => ({ defaultImagePrefix: 'ghcr.io/kptdev/krm-functions-catalog' }),
    pushDrafts: mode,
  };
  const engine = createEngine(parts, new UpstreamIndex(objects));
  const context = requestContext();
  const learned = new DiscoveryMemories(logger);
  const memories = new Map<string, SyncMemory>();
  const decode = <T extends KubernetesObject>(result: WriteResult): T => result.object.decode<T>();

  let repositoryCount = 0;
  const trial: Trial = {
    parts,
    engine,
    mirrors,
    gitServer: server,
    context,
    async addRepository(name, spec = {}) {
      const url = await server.createRepository(name);
      const tree = await plainGit(server.directory(name), ['mktree'], { input: '' });
      const commit = await plainGit(server.directory(name), ['commit-tree', tree, '-m', 'Start']);
      await plainGit(server.directory(name), ['update-ref', 'refs/heads/main', commit]);
      await register(parts, name, { repo: url, branch: 'main', ...spec });
      await trial.sync(name);
      return url;
    },
    async newRepository() {
      const name = `r${repositoryCount++}`;
      await trial.addRepository(name);
      return name;
    },
    async references(name) {
      return (await trial.git(name, 'for-each-ref', '--format=%(refname)')).split('\n').sort();
    },
    async sync(name, acceptVanished = false) {
      const memory = memories.get(name) ?? { learned, known: undefined, skipped: undefined };
      memories.set(name, memory);
      return syncRepository(parts, await git.open('default', name), memory, { signal: context.signal, acceptVanished });
    },
    restartSync: (name) => memories.delete(name),
    settle: () => settleIntents(parts),
    async create(repository, packageName, workspaceName, task) {
      const object: PackageRevision = {
        apiVersion: porchApiVersion,
        kind: 'PackageRevision',
        metadata: { namespace: 'default' },
        spec: {
          repository,
          packageName,
          workspaceName,
          lifecycle: 'Draft',
          ...(task === undefined ? {} : { tasks: [task] }),
        },
        status: {},
      };
      return decode(await engine.createPackageRevision(context, object, write));
    },
    async update(name, change, dryRun = false) {
      const update: UpdateFunction<PackageRevision> = (current) => {
        const object = structuredClone(current) as PackageRevision;
        change(object);
        return object;
      };
      return decode(await engine.updatePackageRevision(context, name, update, { ...write, dryRun }));
    },
    setLifecycle: (name, lifecycle) =>
      trial.update(name, (object) => {
        object.spec.lifecycle = lifecycle;
      }),
    async publish(name) {
      await trial.setLifecycle(name, 'Proposed');
      return trial.setLifecycle(name, 'Published');
    },
    async resources(name) {
      const served = await engine.objectCache().packageRevisionResources.get(context, name);
      return served.decode<PackageRevisionResources>();
    },
    async setFiles(name, change) {
      const update: UpdateFunction<PackageRevisionResources> = (current) => {
        const object = structuredClone(current) as PackageRevisionResources;
        change((object.spec.resources ??= {}));
        return object;
      };
      return decode(await engine.updatePackageResources(context, name, update, write));
    },
    remove: (name) => engine.deletePackageRevision(context, name, write),
    mirrored: (name) => queue.mirrored('default', name, context.signal),
    get: (name) => cache.packageRevision('default', name)?.value,
    git: (repository, ...args) => plainGit(server.directory(repository), args),
    async close() {
      await queue.close();
      await workers.close();
      await mirrors.close();
      await store.close();
      await processes.close();
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return trial;
}

async function register(parts: EngineParts, name: string, git: NonNullable<Repository['spec']['git']>): Promise<void> {
  const object: Repository = {
    apiVersion: configApiVersion,
    kind: 'Repository',
    metadata: { name, namespace: 'default', uid: name },
    spec: { type: 'git', git },
  };
  const key = { resource: repositories, namespace: 'default', name };
  await parts.store.commit({ operations: [{ type: 'put', key, uid: name, value: JSON.stringify(object) }] });
  await parts.registrations.update('default', name, () => undefined);
}

/**
 * Mirrors: one local bare repository per remote, below the data directory.
 */

import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type Metrics, noMetrics } from '@porch/apiserver';
import { Slots } from '@porch/kpt';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { RemoteUrlOptions } from '../resources/remote-url.ts';
import { makeBareRepository } from './bare-repository.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { commitNamed } from './commit-named.ts';
import { CommitWriter } from './commit-writer.ts';
import { gitError } from './errors.ts';
import { readHistory } from './history.ts';
import { type MaintenanceOptions, MirrorMaintenance, maintenanceSeconds } from './mirror-maintenance.ts';
import { type ObjectCache, ObjectDatabase } from './object-database.ts';
import { ObjectReader } from './object-reader.ts';
import { placedTrees } from './placed-trees.ts';
import { Remote } from './remote.ts';
import { InvalidRemoteUrlError, mirrorName, validateRemoteUrl } from './remote-url.ts';
import type { CommitInfo, Mirror, Mirrors, RemoteAccess, RemovedMirror, TreeEntry } from './types.ts';
import { removeLeftovers, removeMirror, unusedMirrors } from './unused-mirrors.ts';

const MAX_OBJECT_BYTES = 64 << 20;
/** Room for a directory of a hundred thousand files. */
const MAX_STRUCTURE_BYTES = 8 << 20;
const LIMITS = { maxEntries: 200_000, maxFileBytes: MAX_OBJECT_BYTES, maxTotalBytes: 256 << 20 };
const CACHE_BYTES = 32 << 20;
const BYTES_OF_ENTRY = 160;
const BYTES_OF_PARENT = 64;
const BYTES_OF_COMMIT = 1024;
const MAINTAINED_AT_ONCE = 1;
/** Large packages, of all mirrors. */
const READ_AT_ONCE = 2;
const READ_TIMEOUT_MS = 600_000;
const GRAPH_AFTER_MS = 5000;

/** Options of `createMirrors`. */
export interface MirrorsOptions {
  /** The data directory; mirrors are kept in `mirrors` below it. */
  readonly directory: string;
  readonly processes: GitProcesses;
  readonly logger: Logger;
  /** Which remotes may be used. */
  readonly remotes: RemoteUrlOptions;
  /** Where the upkeep of the mirrors is measured; nowhere when left out. */
  readonly metrics?: Metrics;
  /** Longest time of one read from a remote, in milliseconds. */
  readonly readTimeoutMs?: number;
  /** How long after many references have come a mirror's commit graph is written, in milliseconds; 5 s unless given. */
  readonly graphAfterMs?: number;
}

/** What a decoded commit or tree takes of memory, about. */
function bytesOf(value: CommitInfo | readonly TreeEntry[]): number {
  if ('tree' in value) return BYTES_OF_COMMIT + value.message.length + value.parents.length * BYTES_OF_PARENT;
  return value.reduce((bytes, { path }) => bytes + BYTES_OF_ENTRY + path.length, BYTES_OF_ENTRY);
}

/** Opens the mirrors of a data directory. `open` throws `InvalidRemoteUrlError` for addresses that cannot be used. */
export function createMirrors(options: MirrorsOptions): Mirrors {
  const cache: ObjectCache = new LRUCache({
    maxSize: CACHE_BYTES,
    sizeCalculation: bytesOf,
  });
  const shared: Shared = {
    cache,
    largeReads: new Slots(READ_AT_ONCE),
    maintenance: {
      slots: new Slots(MAINTAINED_AT_ONCE),
      seconds: maintenanceSeconds(options.metrics ?? noMetrics),
      graphAfterMs: options.graphAfterMs ?? GRAPH_AFTER_MS,
    },
  };
  const root = resolve(options.directory, 'mirrors');
  const opened = new Map<string, Promise<OpenMirror>>();
  const usedAt = new Map<string, number>();
  const removing = new Map<string, Promise<RemovedMirror>>();
  const remove = async (name: string): Promise<RemovedMirror> => {
    const open = await opened.get(name);
    opened.delete(name);
    usedAt.delete(name);
    await open?.close();
    return { directory: join(root, name), description: await removeMirror(root, name) };
  };
  let closed = false;
  return {
    async open(url) {
      const normalUrl = validateRemoteUrl(url, options.remotes);
      const name = mirrorName(normalUrl);
      // Where none is being removed nothing is awaited until it is said to be used: its removal cannot begin in between.
      for (let removal = removing.get(name); removal !== undefined; removal = removing.get(name)) {
        await removal.catch(() => undefined); // whoever removes it hears of the failure
      }
      if (closed) throw gitError('Interrupted', 'the mirrors are closed');
      usedAt.set(name, Date.now());
      const known = opened.get(name);
      if (known !== undefined) return (await known).mirror;
      const opening = openMirror(options, shared, normalUrl, name);
      opened.set(name, opening);
      opening.catch(() => opened.delete(name));
      return (await opening).mirror;
    },
    async removeUnused({ needed, unusedMs, most }) {
      const removed: RemovedMirror[] = [];
      const names = new Set(needed.flatMap((url) => nameOf(url, options.remotes) ?? []));
      const failures = await removeLeftovers(root);
      for await (const name of unusedMirrors({ root, needed: names, unusedMs })) {
        if (closed || removed.length >= most) break;
        // From here on until `removing` says so nothing is awaited: it cannot be opened in between.
        if (Date.now() - (usedAt.get(name) ?? 0) <= unusedMs) continue;
        const removal = remove(name).finally(() => removing.delete(name));
        removing.set(name, removal);
        await removal.then(
          (mirror) => removed.push(mirror),
          (error: unknown) => failures.push(error),
        );
      }
      return { removed, failures };
    },
    async close() {
      closed = true;
      await Promise.allSettled(removing.values());
      const mirrors = await Promise.allSettled(opened.values());
      await Promise.all(mirrors.map((mirror) => (mirror.status === 'fulfilled' ? mirror.value.close() : undefined)));
    },
  };
}

/** An address that cannot be used has no mirror that is needed. */
function nameOf(url: string, remotes: RemoteUrlOptions): string | undefined {
  try {
    return mirrorName(validateRemoteUrl(url, remotes));
  } catch (error) {
    if (error instanceof InvalidRemoteUrlError) return undefined;
    throw error;
  }
}

interface OpenMirror {
  readonly mirror: Mirror;
  close(): Promise<void>;
}

/** What the mirrors of a data directory have in common. */
interface Shared {
  readonly cache: ObjectCache;
  readonly largeReads: Slots;
  readonly maintenance: Pick<MaintenanceOptions, 'slots' | 'seconds' | 'graphAfterMs'>;
}

async function openMirror(options: MirrorsOptions, shared: Shared, url: string, name: string): Promise<OpenMirror> {
  const { processes, logger } = options;
  const directory = resolve(options.directory, 'mirrors', name);
  await makeBareRepository(directory, `the mirror of ${url}`);
  const pushDirectory = join(directory, 'push.git');
  await makeBareRepository(pushDirectory, `where pushes to ${url} are made`);
  const reader = new ObjectReader({
    processes,
    directory,
    maxObjectBytes: MAX_OBJECT_BYTES,
    maxStructureBytes: MAX_STRUCTURE_BYTES,
  });
  // A mirror that was removed and made again has none of the objects that are remembered of the one before.
  const objects = new ObjectDatabase(reader, shared.cache, randomUUID(), LIMITS, shared.largeReads);
  const maintenance = await MirrorMaintenance.of({ processes, logger, directory, ...shared.maintenance });
  const onPack = () => maintenance.packAdded();
  const writer = new CommitWriter(processes, directory, onPack);
  const settings = { certificates: resolve(options.directory, 'ca'), keys: resolve(options.directory, 'ssh') };
  const remote = new Remote({
    place: { processes, url, directory, pushDirectory, settings, hosts: options.remotes.hosts },
    readTimeoutMs: options.readTimeoutMs ?? READ_TIMEOUT_MS,
    logger,
    onPack,
    onReferences: () => maintenance.referencesAdded(),
  });
  const own = (access: RemoteAccess) => assertSameRemote(access, url, options.remotes);
  return {
    mirror: {
      directory,
      async lsRemote(access, operation) {
        own(access);
        return await remote.references(access, operation);
      },
      async defaultBranch(access, operation) {
        own(access);
        return await remote.defaultBranch(access, operation);
      },
      async fetch(access, operation) {
        own(access);
        await remote.fetch(access, operation);
      },
      async push(access, updates, push) {
        own(access);
        return await remote.push(access, updates, push);
      },
      has: (id) => objects.has(id),
      commit: (id) => objects.commit(id),
      commitNamed: (text) => commitNamed({ processes, directory }, text),
      entryAt: (treeish, path) => objects.entryAt(treeish, path),
      treesAt: (places, name) => placedTrees({ processes, directory, maxTreeBytes: MAX_STRUCTURE_BYTES }, places, name),
      listTree: (treeish, listing) => objects.listTree(treeish, listing?.recursive ?? false),
      blobs: (ids, mostBytes) => objects.blobs(ids, mostBytes),
      files: (tree) => objects.files(tree),
      history: (from, except, take) => readHistory({ processes, directory }, from, except, take),
      writeCommits: (commits) => writer.write(commits),
    },
    async close() {
      await Promise.all([reader.close(), maintenance.close()]);
    },
  };
}

/** Credentials for one remote must never be sent to another. */
function assertSameRemote(access: RemoteAccess, url: string, remotes: RemoteUrlOptions): void {
  if (validateRemoteUrl(access.url, remotes) !== url) {
    throw gitError('Other', `the access is for another repository than the mirror of ${url}`);
  }
}

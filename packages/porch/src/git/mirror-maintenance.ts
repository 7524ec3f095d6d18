/**
 * Keeps a mirror fast. Every write and fetch adds a pack of its own, which is the fastest way to be durable; now and then the small
 * ones are put together in the background. A commit graph is kept beside them: pushes and fetches look at the commit of every
 * reference of the remote, which costs a fraction where they stand in the graph. Objects that nothing refers to stay.
 */

import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Histogram, longSeconds, type Metrics, timed } from '@porch/apiserver';
import type { Slots } from '@porch/kpt';
import type { Logger } from 'pino';
import type { GitProcesses } from './broker/git-processes.ts';
import type { GitSetting } from './broker/messages.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { commandFailed } from './errors.ts';
import { removeUnfinishedPacks } from './left-by-fetch.ts';

/** So long a list of references is of many, whose commits are looked up in a graph; in bytes. */
export const MANY_REFERENCES_BYTES = 8 << 10;

const PACKS_TO_COMBINE = 40;
const TIMEOUT_MS = 600_000;

/** Durations of work on the files of mirrors: combining packs, or writing the commit graph alone. */
export type MaintenanceSeconds = Histogram<'work' | 'outcome'>;

/** Makes the durations of all mirrors of a process. @throws Error when the metrics have them already */
export function maintenanceSeconds(metrics: Metrics): MaintenanceSeconds {
  return metrics.histogram({
    name: 'porch_git_mirror_maintenance_duration_seconds',
    help: 'Time of work on the files of mirrors in the background; work repack or commit-graph, outcome ok, cancelled or failed.',
    labels: ['work', 'outcome'],
    buckets: longSeconds,
  });
}

/** Options of `MirrorMaintenance.of`. */
export interface MaintenanceOptions {
  readonly processes: GitProcesses;
  readonly logger: Logger;
  /** The bare repository. */
  readonly directory: string;
  /** One for each mirror that is worked on at once; shared by all of them. */
  readonly slots: Slots;
  /** Shared by all of them. */
  readonly seconds: MaintenanceSeconds;
  /** How long after many references have come the graph is written, in milliseconds. */
  readonly graphAfterMs: number;
}

/** Looks after the files of one mirror. */
export class MirrorMaintenance {
  readonly #options: MaintenanceOptions;
  readonly #stop = new AbortController();
  #packs: number;
  #graphIsOld = false;
  /** Until the graph is to be written. */
  #resting: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  private constructor(options: MaintenanceOptions, packs: number) {
    this.#options = options;
    this.#packs = packs;
  }

  /** Begins with the packs that are there, and with the graph where a server ended before it was written. */
  static async of(options: MaintenanceOptions): Promise<MirrorMaintenance> {
    const maintenance = new MirrorMaintenance(options, await countPacks(options.directory));
    if (await lacksGraph(options.directory)) maintenance.referencesAdded();
    return maintenance;
  }

  /** Takes note of a new pack; when they are many, they are combined in the background. */
  packAdded(): void {
    this.#packs += 1;
    this.#begin();
  }

  /** Takes note of many new references, whose commits belong into the graph: later, for whoever has fetched them is about to read them. */
  referencesAdded(): void {
    this.#resting ??= setTimeout(() => {
      this.#resting = undefined;
      this.#graphIsOld = true;
      this.#begin();
    }, this.#options.graphAfterMs).unref();
  }

  /** Resolves when nothing is being worked on. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Stops what runs or waits. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the mirror was closed'));
    clearTimeout(this.#resting);
    await this.settled();
  }

  #begin(): void {
    const combine = this.#packs >= PACKS_TO_COMBINE;
    if (this.#running !== undefined || this.#stop.signal.aborted || !(combine || this.#graphIsOld)) return;
    this.#graphIsOld = false;
    if (combine) this.#packs = 0;
    this.#running = this.#options.slots
      .run(() => this.#work(combine), this.#stop.signal)
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        const { logger, directory } = this.#options;
        logger.warn({ err: error, directory }, 'the files of a mirror stay as they are for now');
      })
      .finally(() => {
        this.#running = undefined;
        this.#begin();
      });
  }

  async #work(combine: boolean): Promise<void> {
    const { logger, directory, seconds } = this.#options;
    const failure = () => (this.#stop.signal.aborted ? 'cancelled' : 'failed');
    const work = async (): Promise<void> => {
      if (combine) await this.#combine();
      await this.#writeGraph();
    };
    await timed(work, { failure }, (outcome, took) => {
      seconds.observe({ work: combine ? 'repack' : 'commit-graph', outcome }, took);
      if (outcome !== 'ok') return;
      if (combine) logger.info({ directory, seconds: took }, 'combined the packs of a mirror');
      else logger.debug({ directory, seconds: took }, 'wrote a commit graph');
    });
  }

  async #combine(): Promise<void> {
    await removeUnfinishedPacks(this.#options.directory);
    await this.#git('combine the packs', ['repack', '-d', '--geometric=2', '--quiet', '--no-write-bitmap-index']);
  }

  /** The graph is made durable, which git does not do unless told: half of one would be wrong rather than missing. */
  async #writeGraph(): Promise<void> {
    // Nothing else writes it: a lock is one that a git left which was ended.
    await rm(join(this.#options.directory, 'objects', 'info', 'commit-graph.lock'), { force: true });
    const args = ['commit-graph', 'write', '--reachable', '--no-progress'];
    await this.#git('write the commit graph', args, [['core.fsync', 'committed,commit-graph']]);
  }

  async #git(what: string, args: readonly string[], settings: readonly GitSetting[] = []): Promise<void> {
    const { processes, directory } = this.#options;
    const result = await processes.run({
      args,
      env: { GIT_DIR: directory },
      settings,
      signal: this.#stop.signal,
      timeoutMs: TIMEOUT_MS,
      background: true,
    });
    if (result.exitCode !== 0) throw commandFailed({ what: `${what} of ${directory}` }, result);
  }
}

async function lacksGraph(directory: string): Promise<boolean> {
  const references = await sizeOf(join(directory, 'packed-refs'));
  if (references === undefined || references < MANY_REFERENCES_BYTES) return false;
  return (await sizeOf(join(directory, 'objects', 'info', 'commit-graph'))) === undefined;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

async function countPacks(directory: string): Promise<number> {
  try {
    return (await readdir(join(directory, 'objects', 'pack'))).filter((name) => name.endsWith('.pack')).length;
  } catch (error) {
    if (isMissingFile(error)) return 0;
    throw error;
  }
}

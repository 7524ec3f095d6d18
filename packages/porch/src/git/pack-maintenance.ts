/**
 * Keeps the number of packs of a mirror small. Every write and fetch adds a pack of its own, which is the fastest way to be durable;
 * now and then the small ones are put together in the background. Objects that nothing refers to stay.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { GitProcesses } from './broker/git-processes.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { commandFailed } from './errors.ts';

const PACKS_TO_COMBINE = 40;
const TIMEOUT_MS = 600_000;

/** Combines the packs of one mirror. */
export class PackMaintenance {
  readonly #processes: GitProcesses;
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  #added: number;
  #running: Promise<void> | undefined;

  private constructor(processes: GitProcesses, directory: string, logger: Logger, packs: number) {
    this.#processes = processes;
    this.#directory = directory;
    this.#logger = logger;
    this.#added = packs;
  }

  /** Begins with the packs that are there. */
  static async of(processes: GitProcesses, directory: string, logger: Logger): Promise<PackMaintenance> {
    return new PackMaintenance(processes, directory, logger, await countPacks(directory));
  }

  /** Takes note of a new pack; combines them in the background when they are many. */
  packAdded(): void {
    this.#added += 1;
    if (this.#added < PACKS_TO_COMBINE || this.#running !== undefined || this.#stop.signal.aborted) return;
    this.#added = 0;
    this.#running = this.#combine()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#logger.warn({ err: error }, 'the packs of a mirror stay apart for now');
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when no packs are being combined. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Stops what runs. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the mirror was closed'));
    await this.#running;
  }

  async #combine(): Promise<void> {
    const result = await this.#processes.run({
      args: ['repack', '-d', '--geometric=2', '--quiet', '--no-write-bitmap-index'],
      env: { GIT_DIR: this.#directory },
      signal: this.#stop.signal,
      timeoutMs: TIMEOUT_MS,
    });
    if (result.exitCode !== 0) throw commandFailed({ what: `combine the packs of ${this.#directory}` }, result);
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

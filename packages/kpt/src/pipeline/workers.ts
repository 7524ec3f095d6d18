import { Piscina } from 'piscina';
import { PackageError, type PackageJob, type PackageJobResult, type PackageWorkers } from './job.ts';
import type { WorkerAnswer } from './worker.ts';

export interface PackageWorkersOptions {
  /** How many jobs run at once, each on a thread of its own. */
  readonly threads: number;
  /** How long one job may run, in milliseconds, not counting its wait for a thread; 60 s unless given. */
  readonly jobTimeout?: number;
  /** How much memory one job may take, in MiB; 1024 unless given. */
  readonly memoryLimit?: number;
}

/**
 * Starts the threads that work on packages. A job that takes too long or too much memory fails alone: its thread is ended
 * and replaced.
 */
export function createPackageWorkers(options: PackageWorkersOptions): PackageWorkers {
  const { threads, jobTimeout = 60_000, memoryLimit = 1024 } = options;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const pool = new Piscina<PackageJob, WorkerAnswer>({
    filename: new URL(`./worker.${extension}`, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: { maxOldGenerationSizeMb: memoryLimit, maxYoungGenerationSizeMb: 32 },
    env: {},
  });
  const slots = new Slots(threads);

  return {
    async run(job: PackageJob, signal?: AbortSignal): Promise<PackageJobResult> {
      await slots.take(signal);
      const timeout = new AbortController();
      const timer = setTimeout(() => timeout.abort(), jobTimeout);
      try {
        const stop = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
        const answer = await pool.run(job, { signal: stop });
        if ('refused' in answer) throw new PackageError(answer.refused.message, answer.refused.path);
        return answer.result;
      } catch (error) {
        if (error instanceof PackageError) throw error;
        signal?.throwIfAborted();
        if (timeout.signal.aborted) {
          throw new PackageError(`work on the package was ended: it took more than ${jobTimeout / 1000} s`, undefined, {
            cause: error,
          });
        }
        if (isOutOfMemory(error)) {
          throw new PackageError(
            `work on the package was ended: it took more than ${memoryLimit} MiB of memory`,
            undefined,
            {
              cause: error,
            },
          );
        }
        throw error;
      } finally {
        clearTimeout(timer);
        slots.release();
      }
    },
    close: () => pool.close(),
  };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Lets as many jobs through as there are threads, first come first served, so that a job's time starts when it does. */
class Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  async take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      this.#waiting.delete(resolve);
      reject(signal?.reason);
    };
    this.#waiting.add(resolve);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

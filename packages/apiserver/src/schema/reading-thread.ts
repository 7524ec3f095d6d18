import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BodyAnswer, BodyQuestion } from './body-worker.ts';
import { DecodeError } from './decoding.ts';

/** What the tree of one body may need; beyond it the thread ends, and the body is refused. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

function outOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooLarge(format: string, cause: unknown): DecodeError {
  const advice = format === 'yaml' ? '; send it as JSON' : '';
  return new DecodeError(`the ${format.toUpperCase()} of the body is too large to be read${advice}`, { cause });
}

/** Has one body read by a thread, which ends early when the signal aborts: nothing else stops a parser. */
async function readIn(worker: Worker, question: BodyQuestion, signal: AbortSignal): Promise<BodyAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<BodyAnswer>();
  const failed = (error: unknown): void => reject(outOfMemory(error) ? tooLarge(question.format, error) : error);
  const ended = (): void => reject(new Error('the thread that reads bodies has ended'));
  const aborted = (): void => reject(signal.reason);
  worker.once('message', resolve).once('error', failed).once('exit', ended);
  signal.addEventListener('abort', aborted);
  try {
    worker.ref();
    worker.postMessage(question);
    return await promise;
  } catch (error) {
    if (signal.aborted) await worker.terminate();
    throw error;
  } finally {
    signal.removeEventListener('abort', aborted);
    worker.off('message', resolve).off('error', failed).off('exit', ended);
    worker.unref();
  }
}

/** A thread that starts with the first body it is given, and reads one after the other. */
export class ReadingThread {
  readonly #name: string;
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws DecodeError for a body that is too large to be read; the signal's reason when that aborts */
  async read(question: BodyQuestion, signal: AbortSignal): Promise<BodyAnswer> {
    const before = this.#last;
    const mine = Promise.withResolvers<void>();
    this.#last = mine.promise;
    try {
      await before;
      signal.throwIfAborted();
      return await readIn(this.#running(), question, signal);
    } finally {
      mine.resolve();
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    // Run from source the file is body-worker.ts, packed it is body-worker.js.
    const entry = new URL(`./body-worker${extname(import.meta.url)}`, import.meta.url);
    const started = new Worker(entry, { name: this.#name, resourceLimits });
    this.#worker = started;
    // Whoever waits for an answer hears of it, too; the next body gets another thread.
    const gone = (): void => {
      if (this.#worker === started) this.#worker = undefined;
    };
    started.on('error', gone).on('exit', gone);
    return started;
  }
}

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DecodeError } from './decoding.ts';
import type { ReadValue } from './read-json.ts';
import { readYaml } from './read-yaml.ts';
import type { YamlAnswer } from './yaml-worker.ts';

/** Longer bodies are read in a thread of their own: YAML takes up to four seconds a megabyte. */
export const readHereUpTo = 32 * 1024;

/** What the tree of one body may need; beyond it the thread ends, and the body is refused. */
const resourceLimits = { maxOldGenerationSizeMb: 1024 };

/** Reads YAML bodies without holding up anybody else. */
export interface YamlReader {
  /**
   * One long body after the other, in the order they come.
   * @throws DecodeError for what is no YAML or too large to be read, the signal's reason when that aborts
   */
  read(body: Buffer, signal: AbortSignal): Promise<ReadValue>;
  /** Ends the thread. */
  close(): Promise<void>;
}

function outOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooLarge(cause: unknown): DecodeError {
  return new DecodeError('', 'the YAML of the body is too large to be read; send it as JSON', { cause });
}

/** Has one body read by a thread, which ends early when the signal aborts: nothing else stops a parser. */
async function readIn(worker: Worker, body: Buffer, signal: AbortSignal): Promise<ReadValue> {
  const { promise, resolve, reject } = Promise.withResolvers<YamlAnswer>();
  const failed = (error: unknown): void => reject(outOfMemory(error) ? tooLarge(error) : error);
  const ended = (): void => reject(new Error('the thread that reads YAML has ended'));
  const aborted = (): void => reject(signal.reason);
  worker.once('message', resolve).once('error', failed).once('exit', ended);
  signal.addEventListener('abort', aborted);
  try {
    worker.ref();
    worker.postMessage(body);
    const answer = await promise;
    if ('value' in answer) return answer;
    throw new DecodeError('', answer.refused);
  } catch (error) {
    if (signal.aborted) await worker.terminate();
    throw error;
  } finally {
    signal.removeEventListener('abort', aborted);
    worker.off('message', resolve).off('error', failed).off('exit', ended);
    worker.unref();
  }
}

/** A reader whose thread starts with the first body that is long enough for it. */
export function createYamlReader(): YamlReader {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const thread = (): Worker => {
    if (worker !== undefined) return worker;
    // Run from source the file is yaml-worker.ts, packed it is yaml-worker.js.
    const entry = new URL(`./yaml-worker${extname(import.meta.url)}`, import.meta.url);
    const started = new Worker(entry, { name: 'yaml', resourceLimits });
    worker = started;
    // Whoever waits for an answer hears of it, too; the next body gets another thread.
    const gone = (): void => {
      if (worker === started) worker = undefined;
    };
    started.on('error', gone).on('exit', gone);
    return started;
  };

  return {
    async read(body, signal) {
      if (body.length <= readHereUpTo) return readYaml(body);
      const before = last;
      const mine = Promise.withResolvers<void>();
      last = mine.promise;
      try {
        await before;
        signal.throwIfAborted();
        return await readIn(thread(), body, signal);
      } finally {
        mine.resolve();
      }
    },
    async close() {
      await worker?.terminate();
    },
  };
}

import { readFile, stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import {
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
  printedTooMuch,
  tookTooLong,
} from '../evaluator.ts';
import { findImage, ImageTableError, readImageTable } from '../programs/image-table.ts';
import { limitMemory } from './limit-memory.ts';
import { ModuleError } from './module-bytes.ts';
import type { ModuleAnswer, ModuleTask } from './module-messages.ts';
import type { CompiledModule } from './web-assembly.ts';

/** Which modules may be run as functions. */
export interface ModuleOptions {
  /** A table of images and modules, read again for each run. */
  readonly table: string;
}

interface Compiled {
  readonly identity: string;
  readonly module: CompiledModule;
}

/** Compiled modules that are kept; each may take many times the size of its file. */
const keptModules = 16;

/**
 * Runs functions as WASI modules (<https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md>), each run on a thread of its
 * own that sees neither files nor variables nor network.
 */
export class ModuleEvaluator implements FunctionEvaluator {
  readonly name = 'wasm';
  readonly #options: ModuleOptions;
  readonly #compiled = new Map<string, Compiled>();
  readonly #running = new Set<Worker>();

  constructor(options: ModuleOptions) {
    this.#options = options;
  }

  async evaluate(request: EvaluationRequest): Promise<EvaluationOutcome | undefined> {
    try {
      const entry = findImage(await readImageTable(this.#options.table, 'modules'), request.image);
      if (entry === undefined) return undefined;
      const module = await this.#compile(entry.file, request.limits.memoryBytes);
      request.signal.throwIfAborted();
      return await this.#run(module, request);
    } catch (error) {
      if (error instanceof ImageTableError) throw new FunctionRunError(error.message, { cause: error });
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }

  async #compile(file: string, memoryBytes: number): Promise<CompiledModule> {
    try {
      // Times of files that are installed are often all the same.
      const { dev, ino, ctimeMs, mtimeMs, size } = await stat(file);
      const identity = [dev, ino, ctimeMs, mtimeMs, size, memoryBytes].join(' ');
      const known = this.#compiled.get(file);
      if (known?.identity === identity) return known.module;
      const module = await WebAssembly.compile(limitMemory(await readFile(file), memoryBytes));
      this.#compiled.delete(file);
      this.#compiled.set(file, { identity, module });
      const [oldest] = this.#compiled.keys();
      if (oldest !== undefined && this.#compiled.size > keptModules) this.#compiled.delete(oldest);
      return module;
    } catch (error) {
      const isKnown = error instanceof ModuleError || error instanceof WebAssembly.CompileError || isSystemError(error);
      if (!isKnown) throw error;
      throw new FunctionRunError(`module ${file} cannot be used: ${error.message}`, { cause: error });
    }
  }

  async #run(module: CompiledModule, request: EvaluationRequest): Promise<EvaluationOutcome> {
    const { image, resourceList, limits, signal } = request;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const task: ModuleTask = { module, image, input: resourceList, outputBytes: limits.outputBytes };
    const worker = new Worker(new URL(`./module-worker.${extension}`, import.meta.url), {
      workerData: task,
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // The module's own memory is limited in the module; this is for what runs it.
      resourceLimits: { maxOldGenerationSizeMb: 64 + Math.ceil((3 * limits.outputBytes) / 1048576) },
    });
    this.#running.add(worker);
    const { promise, resolve, reject } = Promise.withResolvers<ModuleAnswer>();
    const abort = () => reject(signal.reason);
    const timer = setTimeout(() => reject(tookTooLong(limits)), limits.timeoutMs);
    worker.on('message', resolve);
    worker.on('error', (error) => reject(new FunctionRunError(`it crashed: ${String(error)}`, { cause: error })));
    worker.on('exit', () => reject(new FunctionRunError('its thread was ended')));
    signal.addEventListener('abort', abort, { once: true });
    try {
      return outcomeOf(await promise, request);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      this.#running.delete(worker);
      await worker.terminate();
    }
  }
}

function outcomeOf(answer: ModuleAnswer, { limits }: EvaluationRequest): EvaluationOutcome {
  switch (answer.type) {
    case 'ran':
      return { resourceList: answer.stdout, exitCode: answer.exitCode, stderr: answer.stderr };
    case 'flooded':
      throw printedTooMuch(limits);
    case 'crashed': {
      const printed = answer.stderr.trim();
      throw new FunctionRunError(`it crashed: ${answer.reason}${printed === '' ? '' : `; it printed: ${printed}`}`);
    }
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/**
 * Reads objects of one repository through a few long-lived `cat-file` processes. Requests of one turn of the event loop travel
 * together and are answered in order, so that the files of a package cost one round trip.
 */

import type { GitProcess, GitProcesses } from './broker/git-processes.ts';
import { type CatFileAnswer, CatFileParser } from './cat-file-parser.ts';
import { gitError } from './errors.ts';
import type { ObjectId } from './types.ts';

const PROCESSES = 2;
const BUSY_REQUESTS = 16;
const IDLE_MS = 60_000;
const ATTEMPTS = 3;

interface Request {
  readonly command: 'contents' | 'info';
  readonly id: ObjectId;
  /** Most bytes of contents; undefined where none are wanted. */
  readonly mostBytes: number | undefined;
  readonly resolve: (answer: CatFileAnswer) => void;
  readonly reject: (error: Error) => void;
  /** Times that a process died while it answered this one. */
  deaths: number;
}

/** Where and how objects are read. */
export interface ObjectReaderOptions {
  readonly processes: GitProcesses;
  /** The bare repository. */
  readonly directory: string;
  /** Larger objects are answered with `too-large`. */
  readonly maxObjectBytes: number;
  /** The same of trees, commits and tags, which are decoded on this thread. */
  readonly maxStructureBytes: number;
}

/** Asks for objects by id. A process that dies is replaced and its requests are asked again. */
export class ObjectReader {
  readonly #options: ObjectReaderOptions;
  readonly #workers: readonly Worker[];
  #closed = false;

  constructor(options: ObjectReaderOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: PROCESSES }, () => new Worker(options));
  }

  /** Type, size and, for `contents`, the bytes of an object. One of more than `mostBytes` is answered with `too-large`. */
  ask(command: 'contents' | 'info', id: ObjectId, mostBytes = this.#options.maxObjectBytes): Promise<CatFileAnswer> {
    if (this.#closed) return Promise.reject(gitError('Interrupted', 'the mirror is closed'));
    const most = command === 'contents' ? Math.min(mostBytes, this.#options.maxObjectBytes) : undefined;
    return new Promise((resolve, reject) =>
      this.#leastBusy().add({ command, id, mostBytes: most, resolve, reject, deaths: 0 }),
    );
  }

  /** Ends the processes; what is still asked fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  #leastBusy(): Worker {
    let best: Worker | undefined;
    for (const worker of this.#workers) {
      if (worker.pending < BUSY_REQUESTS) return worker;
      if (best === undefined || worker.pending < best.pending) best = worker;
    }
    if (best === undefined) throw new Error('a reader has at least one process');
    return best;
  }
}

class Worker {
  readonly #options: ObjectReaderOptions;
  #process: GitProcess | undefined;
  #requests: Request[] = [];
  #answered = 0;
  #unsent: string[] = [];
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ObjectReaderOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#requests.length - this.#answered;
  }

  add(request: Request): void {
    this.#requests.push(request);
    this.#send(request);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const process = this.#process;
    process?.kill();
    await process?.exited;
    this.#failAll('the mirror was closed');
  }

  #send(request: Request): void {
    if (this.#unsent.length === 0) queueMicrotask(() => this.#flush());
    this.#unsent.push(`${request.command} ${request.id}\n`);
  }

  #flush(): void {
    if (this.#unsent.length === 0 || this.#closed) return;
    this.#process ??= this.#start();
    clearTimeout(this.#idle);
    const lines = this.#unsent.splice(0);
    void this.#process.write(Buffer.from(`${lines.join('')}flush\n`, 'latin1'));
  }

  #start(): GitProcess {
    const parser = new CatFileParser(
      (objectType) => this.#mostBytes(objectType),
      (answer) => this.#answer(answer),
    );
    let broken: string | undefined;
    const process = this.#options.processes.open({
      args: ['cat-file', '--batch-command', '--buffer'],
      env: { GIT_DIR: this.#options.directory },
      onOutput: (chunk) => {
        if (this.#process !== process || broken !== undefined) return;
        try {
          parser.push(chunk);
        } catch (error) {
          broken = error instanceof Error ? error.message : String(error);
          process.kill();
        }
      },
    });
    void process.exited.then((exit) => {
      if (this.#process !== process) return;
      this.#process = undefined;
      this.#restart(broken ?? (exit.type === 'lost' ? exit.reason : exit.stderr));
    });
    return process;
  }

  #mostBytes(objectType: string): number | undefined {
    const wanted = this.#requests[this.#answered]?.mostBytes;
    if (wanted === undefined || objectType === 'blob') return wanted;
    return Math.min(wanted, this.#options.maxStructureBytes);
  }

  #answer(answer: CatFileAnswer): void {
    const request = this.#requests[this.#answered];
    if (request === undefined) throw new Error('git cat-file answered what was not asked');
    this.#answered += 1;
    // The list is cut only now and then: shifting a long one for every answer costs.
    if (this.#answered === this.#requests.length || this.#answered >= 1024) {
      this.#requests = this.#requests.slice(this.#answered);
      this.#answered = 0;
    }
    request.resolve(answer);
    if (this.pending === 0) this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#process?.end();
      this.#process = undefined;
    }, IDLE_MS).unref();
  }

  #restart(reason: string): void {
    this.#requests = this.#requests.slice(this.#answered);
    this.#answered = 0;
    this.#unsent = [];
    if (this.#closed) return;
    const first = this.#requests[0];
    if (first === undefined) return;
    first.deaths += 1;
    if (first.deaths >= ATTEMPTS) {
      this.#requests.shift();
      first.reject(gitError('Other', `object ${first.id} cannot be read: ${reason.trim()}`));
    }
    for (const request of this.#requests) this.#send(request);
  }

  #failAll(reason: string): void {
    for (const request of this.#requests.splice(this.#answered)) request.reject(gitError('Interrupted', reason));
    this.#requests = [];
    this.#answered = 0;
  }
}

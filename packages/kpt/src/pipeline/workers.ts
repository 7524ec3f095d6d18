import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { KptfileSummary } from '../kptfile/types.ts';
import type { BuiltInOutcome } from '../runtimes/evaluate-resource-list.ts';
import {
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
  type RunLimits,
  tookTooLong,
} from '../runtimes/evaluator.ts';
import { holdBack } from '../runtimes/hold-back.ts';
import { FunctionDesk } from './function-desk.ts';
import { collectorsGiveWay, workNiceness } from './give-way.ts';
import { type FunctionWorkers, PackageError, type PackageJob, type PackageJobResult } from './job.ts';
import { Slots } from './slots.ts';
import { Turn, type TurnPlaces } from './turn.ts';
import type { JobAnswer, WorkerAnswer, WorkerTask } from './worker.ts';
import { workerEnvironment } from './worker-environment.ts';
import type { WorkerObserver } from './worker-observer.ts';

/** How many threads there are, and what their jobs may take. */
export interface PackageWorkersOptions {
  /**
   * How many jobs run at once, each on a thread of its own; as many again that have run for long do so beside them, for others need not
   * wait for their end.
   */
  readonly threads: number;
  /** How long is long, in milliseconds; 2 s unless given. */
  readonly longAfterMs?: number;
  /** How long one job may run, in milliseconds, not counting its waits for a thread and for functions; 60 s unless given. */
  readonly jobTimeout?: number;
  /** How much memory one job may take, in MiB; 1024 unless given. */
  readonly memoryLimit?: number;
  /** Where functions are run that are not built in; nowhere unless given. The workers do not close it. */
  readonly evaluator?: FunctionEvaluator;
  /** What such a function may take unless a rule says otherwise. */
  readonly functionLimits?: RunLimits;
  readonly observer?: WorkerObserver;
  /**
   * Told of what failed outside of any job: a thread that had none, for which there is another one when it is needed, or threads that did
   * not end in time when they were closed.
   */
  readonly onIdleFailure?: (error: Error) => void;
}

const idleMs = 30_000;

/** How many jobs may wait for functions that are not built in at once, each on a thread of its own that rests. */
const mostWaiting = 16;

/** Why functions of a job are asked for no more. One for all, for it is no failure that anybody looks into. */
const jobHasEnded = new Error('the job has ended');

type RunOptions = NonNullable<Parameters<Piscina['run']>[1]>;

/**
 * Starts the threads that work on packages. A job that takes too long or too much memory fails alone: its thread is ended
 * and replaced. A job that waits for a function lets another one run; when too many wait, those that come to such a function are
 * begun again later, so that slow functions hold up nobody who does not use them. The threads, and those with which V8 collects this
 * process's garbage, give way to others.
 */
export function createPackageWorkers(options: PackageWorkersOptions): FunctionWorkers {
  collectorsGiveWay(workNiceness);
  return new WorkerPool(options);
}

class WorkerPool implements FunctionWorkers {
  readonly #options: PackageWorkersOptions;
  readonly #pool: Piscina<WorkerTask, WorkerAnswer>;
  readonly #places: TurnPlaces;
  readonly #waiting: Slots;
  readonly #desk: FunctionDesk;

  constructor(options: PackageWorkersOptions) {
    const { threads, longAfterMs = 2000, memoryLimit = 1024 } = options;
    const { evaluator, functionLimits: limits, observer } = options;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#options = options;
    this.#pool = new Piscina<WorkerTask, WorkerAnswer>({
      filename: new URL(`./worker.${extension}`, import.meta.url).href,
      minThreads: threads,
      maxThreads: 2 * threads + mostWaiting,
      idleTimeout: idleMs,
      resourceLimits: { maxOldGenerationSizeMb: memoryLimit, maxYoungGenerationSizeMb: 32 },
      env: workerEnvironment(),
      // Piscina tries `require` before it imports a module. Node ends the whole process where a thread is ended in the middle of that.
      execArgv: ['--no-experimental-require-module'],
    });
    // Without a listener it would end the process.
    this.#pool.on('error', (error: Error) => options.onIdleFailure?.(error));
    this.#places = { running: new Slots(threads), long: new Slots(threads), longAfterMs };
    this.#waiting = new Slots(mostWaiting);
    this.#desk = new FunctionDesk({ evaluator, observer, ...(limits && { limits }) });
  }

  get waiting(): number {
    return this.#places.running.waiting + this.#waiting.waiting;
  }

  async run(job: PackageJob, signal?: AbortSignal): Promise<PackageJobResult> {
    const room = new WaitingRoom(this.#waiting, job.whose);
    try {
      for (;;) {
        const answer = await this.#attempt(job, room, signal);
        if (answer.type === 'done') return this.#done(answer);
        if (answer.type === 'refused') throw new PackageError(answer.message, answer.path);
        await room.enter(signal);
      }
    } finally {
      room.leave();
    }
  }

  async evaluate(request: Omit<EvaluationRequest, 'program'>): Promise<EvaluationOutcome | undefined> {
    const { heldMs, ...outcome } = (await this.#evaluateOnThread(request)) ?? {};
    if (heldMs !== undefined) await holdBack(heldMs, request.limits, request.signal);
    return 'exitCode' in outcome ? outcome : undefined;
  }

  async #evaluateOnThread(request: Omit<EvaluationRequest, 'program'>): Promise<BuiltInOutcome | undefined> {
    const { image, resourceList, limits, signal } = request;
    const turn = new Turn(this.#places, limits.timeoutMs);
    await turn.begin(signal);
    try {
      const answer = await this.#pool.run({ type: 'function', image, resourceList }, { signal: turn.endedBy(signal) });
      return answer.type === 'evaluated' ? answer.outcome : undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (turn.tookTooLong) throw tookTooLong(limits);
      if (isOutOfMemory(error)) throw new FunctionRunError(this.#tooMuchMemory('it was ended'), { cause: error });
      throw error;
    } finally {
      turn.end();
    }
  }

  async summarize(kptfiles: readonly string[], signal?: AbortSignal): Promise<readonly KptfileSummary[]> {
    const turn = new Turn(this.#places, this.#jobTimeout);
    await turn.begin(signal);
    try {
      const answer = await this.#pool.run({ type: 'kptfiles', texts: kptfiles }, { signal: turn.endedBy(signal) });
      if (answer.type === 'summarized') return answer.summaries;
      throw new Error(`Kptfiles were answered as ${answer.type}`);
    } catch (error) {
      throw this.#failure(error, turn, signal);
    } finally {
      turn.end();
    }
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  get #jobTimeout(): number {
    return this.#options.jobTimeout ?? 60_000;
  }

  async #attempt(job: PackageJob, room: WaitingRoom, signal: AbortSignal | undefined): Promise<JobAnswer> {
    const { evaluator } = this.#options;
    const turn = new Turn(this.#places, this.#jobTimeout, job.whose);
    await turn.begin(signal);
    const stop = turn.endedBy(signal);
    const ended = new AbortController();
    const given = AbortSignal.any([stop, ended.signal]);
    const channel = new MessageChannel();
    this.#desk.serve(channel.port1, {
      rules: job.render.rules ?? [],
      signal: given,
      mayWait: () => room.tryEnter(),
      pause: () => turn.pause(),
      resume: () => turn.begin(given),
    });
    try {
      // Piscina takes an array here, whatever its types make of Node's.
      const moved = { transferList: [channel.port2] } as Pick<RunOptions, 'transferList'>;
      const names = evaluator === undefined ? [] : [evaluator.name];
      const elsewhere = { port: channel.port2, names };
      const answer = await this.#pool.run({ type: 'job', job, elsewhere }, { signal: stop, ...moved });
      if (answer.type === 'done' || answer.type === 'refused' || answer.type === 'postponed') return answer;
      throw new Error(`a job was answered as ${answer.type}`);
    } catch (error) {
      throw this.#failure(error, turn, signal);
    } finally {
      ended.abort(jobHasEnded);
      channel.port1.close();
      turn.end();
    }
  }

  /** Why work that a thread did not finish has failed. */
  #failure(error: unknown, turn: Turn, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted === true) return signal.reason;
    const ending = 'work on the package was ended';
    if (turn.tookTooLong) {
      const reason = `${ending}: it took more than ${this.#jobTimeout / 1000} s`;
      return new PackageError(reason, undefined, { cause: error });
    }
    return isOutOfMemory(error) ? new PackageError(this.#tooMuchMemory(ending), undefined, { cause: error }) : error;
  }

  #tooMuchMemory(ending: string): string {
    return `${ending}: it took more than ${this.#options.memoryLimit ?? 1024} MiB of memory`;
  }

  #done({ result, calls, milliseconds }: Extract<WorkerAnswer, { type: 'done' }>): PackageJobResult {
    const { observer } = this.#options;
    for (const call of calls) observer?.functionEnded({ runtime: 'built-in', ...call });
    if (result.render !== undefined) {
      const { error, isReused: reused = false } = result.render;
      observer?.renderEnded({ milliseconds, failed: error !== undefined, reused });
    }
    return result;
  }
}

/** A job's place among those that may wait for functions; it is kept until the job is done. */
class WaitingRoom {
  readonly #places: Slots;
  readonly #whose: string | undefined;
  #isIn = false;

  constructor(places: Slots, whose: string | undefined) {
    this.#places = places;
    this.#whose = whose;
  }

  tryEnter(): boolean {
    this.#isIn ||= this.#places.tryTake();
    return this.#isIn;
  }

  async enter(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isIn) await this.#places.take(signal, this.#whose);
    this.#isIn = true;
  }

  leave(): void {
    if (this.#isIn) this.#places.release();
    this.#isIn = false;
  }
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

import type { MessagePort } from 'node:worker_threads';
import {
  defaultRunLimits,
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
  type RunLimits,
} from '../runtimes/evaluator.ts';
import { type FunctionRule, imageParts, matchRule } from '../runtimes/function-rule.ts';
import { holdBack } from '../runtimes/hold-back.ts';
import { ReuseCache } from '../runtimes/reuse-cache.ts';
import type { DeskRequest, FunctionAnswer, FunctionRequest, HoldRequest } from './function-messages.ts';
import { Slots } from './slots.ts';
import type { WorkerObserver } from './worker-observer.ts';

const reuseBytes = 32 << 20;

/** Options of the functions that are run outside the worker threads. */
export interface FunctionDeskOptions {
  /** Runs the functions; there are none unless given. */
  readonly evaluator?: FunctionEvaluator | undefined;
  /** What a function may take unless a rule says otherwise. */
  readonly limits?: RunLimits;
  readonly observer?: WorkerObserver | undefined;
}

/** What the desk has to know of a job that asks for functions. */
export interface DeskVisitor {
  readonly rules: readonly FunctionRule[];
  readonly signal: AbortSignal;
  /** Takes the room that a job needs to wait; false where there is none now. */
  readonly mayWait: () => boolean;
  /** Called before the job waits and, when the function is done, before it goes on. */
  readonly pause: () => void;
  readonly resume: () => Promise<void>;
}

/** Runs functions for jobs on worker threads, on the thread that gives out the jobs: it only moves bytes. */
export class FunctionDesk {
  readonly #options: FunctionDeskOptions;
  readonly #answers = new ReuseCache<EvaluationOutcome>(reuseBytes);
  readonly #parallel = new Map<string, { readonly most: number; readonly slots: Slots }>();

  constructor(options: FunctionDeskOptions) {
    this.#options = options;
  }

  /** Answers one job's requests until its port is closed. */
  serve(port: MessagePort, visitor: DeskVisitor): void {
    port.on('message', (request: DeskRequest) => {
      const answered =
        'holdMs' in request
          ? this.#whileAway(visitor, () => this.#hold(request, visitor))
          : this.#answer(request, visitor);
      void answered.then((answer) => port.postMessage(answer));
    });
  }

  async #answer(request: FunctionRequest, visitor: DeskVisitor): Promise<FunctionAnswer> {
    const reuseKey = request.reuseKey && reusedAs(request.reuseKey, request.image, visitor.rules);
    const known = reuseKey === undefined ? undefined : this.#answers.get(reuseKey);
    if (reuseKey !== undefined) this.#options.observer?.answerLookedUp(known !== undefined);
    if (known !== undefined) return { type: 'ran', ...known };
    const answer = await this.#whileAway(visitor, () => this.#run(request, visitor));
    if (answer.type === 'ran' && answer.exitCode === 0 && reuseKey !== undefined) {
      const { exitCode, stderr } = answer;
      // What was received may be a part of a larger piece of memory, which would be held on to.
      const resourceList = new Uint8Array(answer.resourceList);
      this.#answers.set(reuseKey, { resourceList, exitCode, stderr }, resourceList.length + stderr.length);
    }
    return answer;
  }

  /** Does something that the job waits for, while others may use its place. */
  async #whileAway(visitor: DeskVisitor, work: () => Promise<FunctionAnswer>): Promise<FunctionAnswer> {
    if (!visitor.mayWait()) return { type: 'later' };
    visitor.pause();
    const answer = await work();
    try {
      await visitor.resume();
      return answer;
    } catch (error) {
      // Given up: the thread is ended, whatever it is told.
      return failure(error);
    }
  }

  async #hold({ holdMs }: HoldRequest, { signal }: DeskVisitor): Promise<FunctionAnswer> {
    try {
      await holdBack(holdMs, this.#options.limits ?? defaultRunLimits, signal);
      return { type: 'held' };
    } catch (error) {
      return failure(error);
    }
  }

  async #run({ image, resourceList }: FunctionRequest, visitor: DeskVisitor): Promise<FunctionAnswer> {
    const { evaluator, limits = defaultRunLimits, observer } = this.#options;
    if (evaluator === undefined) return { type: 'unknown' };
    const { rule } = matchRule(image, visitor.rules);
    const { program, container } = rule ?? {};
    const { name, tag } = imageParts(image);
    const request: EvaluationRequest = {
      image,
      resourceList,
      limits: { ...limits, ...rule?.limits },
      signal: visitor.signal,
      ...(program?.tags.includes(tag ?? '') && { program: program.path }),
      ...(container !== undefined && { isTrusted: true }),
      ...(container?.environment !== undefined && { environment: container.environment }),
    };
    const begun = performance.now();
    const note = (runtime: string, failed: boolean) =>
      observer?.functionEnded({ runtime, name, milliseconds: performance.now() - begun, failed });
    try {
      const outcome = await this.#inTurn(rule, visitor.signal, () => evaluator.evaluate(request));
      if (outcome === undefined) return { type: 'unknown' };
      const { resourceList: printed, exitCode, stderr, runtime = evaluator.name } = outcome;
      note(runtime, exitCode !== 0);
      return { type: 'ran', resourceList: printed, exitCode, stderr };
    } catch (error) {
      note(evaluator.name, true);
      return failure(error);
    }
  }

  /** Keeps to the number of runs at the same time that a rule sets. */
  async #inTurn<T>(rule: FunctionRule | undefined, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const most = rule?.maxParallel;
    if (rule === undefined || most === undefined) return run();
    const key = JSON.stringify([rule.owner, rule.image, rule.prefixes]);
    let turn = this.#parallel.get(key);
    if (turn?.most !== most) {
      turn = { most, slots: new Slots(most) };
      this.#parallel.set(key, turn);
    }
    return turn.slots.run(run, signal);
  }
}

/** What became of an input is the same only where the function is run in the same way: each namespace has rules of its own. */
function reusedAs(key: string, image: string, rules: readonly FunctionRule[]): string {
  return `${key} ${JSON.stringify(matchRule(image, rules).rule ?? null)}`;
}

function failure(error: unknown): FunctionAnswer {
  if (error instanceof FunctionRunError) return { type: 'failed', message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  return { type: 'failed', message: `it could not be run: ${reason}` };
}

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  defaultRunLimits,
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
} from '../runtimes/evaluator.ts';
import type { FunctionRule } from '../runtimes/function-rule.ts';
import { functionClient, PostponedError } from './function-client.ts';
import { type DeskVisitor, FunctionDesk } from './function-desk.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

const pinned = `r.io/fn/check@sha256:${'a'.repeat(64)}`;
const list = new TextEncoder().encode('kind: ResourceList\nitems: []\n');

/** Answers with a variable of the function's environment, and counts how often it is asked. */
function desk(): { desk: FunctionDesk; asked: EvaluationRequest[] } {
  const asked: EvaluationRequest[] = [];
  const evaluator: FunctionEvaluator = {
    name: 'test',
    async evaluate(request) {
      asked.push(request);
      return { resourceList: list, exitCode: 0, stderr: request.environment?.['MODE'] ?? 'none' };
    },
    close: async () => undefined,
  };
  return { desk: new FunctionDesk({ evaluator }), asked };
}

async function answer(asked: FunctionDesk, image: string, rules: readonly FunctionRule[] = []): Promise<string> {
  return (await outcome(asked, image, rules))?.stderr ?? 'unknown';
}

function outcome(
  asked: FunctionDesk,
  image: string,
  rules: readonly FunctionRule[] = [],
  visitor: Partial<DeskVisitor> = {},
): Promise<EvaluationOutcome | undefined> {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  asked.serve(port1, {
    rules,
    signal: new AbortController().signal,
    mayWait: () => true,
    pause: () => undefined,
    resume: async () => undefined,
    ...visitor,
  });
  return functionClient(port2).evaluate(image, list);
}

function rule(mode: string): FunctionRule {
  return { image: 'check', prefixes: [], container: { tags: [], environment: { MODE: mode } } };
}

it('gives the answer of a function named by digest again, and asks any other one each time', async () => {
  const { desk: there, asked } = desk();
  for (const image of [pinned, pinned, 'r.io/fn/check:v1', 'r.io/fn/check:v1']) await answer(there, image);
  expect(asked.map(({ image }) => image)).toEqual([pinned, 'r.io/fn/check:v1', 'r.io/fn/check:v1']);
});

it('gives no answer again that was made as another rule says', async () => {
  const { desk: there, asked } = desk();
  const modes: string[] = [];
  for (const rules of [[], [rule('strict')], [rule('lax')], [rule('strict')]]) {
    modes.push(await answer(there, pinned, rules));
  }
  expect(modes).toEqual(['none', 'strict', 'lax', 'strict']);
  expect(asked).toHaveLength(3);
});

it('keeps to the bound of each rule apart from those of others for the same images', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const evaluator: FunctionEvaluator = {
    name: 'test',
    async evaluate(request) {
      if (request.environment?.['MODE'] === 'slow') await held;
      return { resourceList: list, exitCode: 0, stderr: request.environment?.['MODE'] ?? 'none' };
    },
    close: async () => undefined,
  };
  const there = new FunctionDesk({ evaluator });
  const bounded = (mode: string): FunctionRule => ({ ...rule(mode), owner: mode, maxParallel: 1 });
  const slow = answer(there, pinned, [bounded('slow')]);
  expect(await answer(there, pinned, [bounded('quick')])).toBe('quick');
  letGo();
  expect(await slow).toBe('slow');
});

it('keeps an answer without the larger piece of memory that it came in', async () => {
  const evaluator: FunctionEvaluator = {
    name: 'test',
    async evaluate() {
      const message = new Uint8Array(65_536);
      message.set(list);
      return { resourceList: message.subarray(0, list.length), exitCode: 0, stderr: '' };
    },
    close: async () => undefined,
  };
  const there = new FunctionDesk({ evaluator });
  await outcome(there, pinned);
  const again = await outcome(there, pinned);
  expect(again?.resourceList).toEqual(list);
  expect(again?.resourceList.buffer.byteLength).toBe(list.length);
});

it('asks again for what has failed, also where it is named by digest', async () => {
  const exitCodes = [1, 0];
  const evaluate = vi.fn(async () => ({ resourceList: list, exitCode: exitCodes.shift() ?? 9, stderr: '' }));
  const there = new FunctionDesk({ evaluator: { name: 'test', evaluate, close: async () => undefined } });
  const codes = [];
  for (let n = 0; n < 3; n++) codes.push((await outcome(there, pinned))?.exitCode);
  expect(codes).toEqual([1, 0, 0]);
  expect(evaluate).toHaveBeenCalledTimes(2);
});

it('runs a function as its rule says, and no other one so', async () => {
  const { desk: there, asked } = desk();
  const rules: readonly FunctionRule[] = [
    { image: 'limited', prefixes: [], limits: { timeoutMs: 5 } },
    { image: 'local', prefixes: [], program: { path: 'bin/local', tags: ['v1'] } },
    { image: 'boxed', prefixes: [], container: { tags: ['v1'] } },
  ];
  for (const image of ['limited', 'local:v1', 'local:v2', 'local', 'boxed:v7', 'other:v1'])
    await answer(there, image, rules);
  expect(asked.map(({ image, limits, program, isTrusted }) => [image, limits.timeoutMs, program, isTrusted])).toEqual([
    ['limited', 5, undefined, undefined],
    ['local:v1', 60_000, 'bin/local', undefined],
    ['local:v2', 60_000, undefined, undefined],
    ['local', 60_000, undefined, undefined],
    ['boxed:v7', 60_000, undefined, true],
    ['other:v1', 60_000, undefined, undefined],
  ]);
  expect(asked[0]?.limits).toEqual({ ...defaultRunLimits, timeoutMs: 5 });
});

it('tells a job for which there is no room to come again later, and runs nothing for it', async () => {
  const { desk: there, asked } = desk();
  await expect(outcome(there, pinned, [], { mayWait: () => false })).rejects.toBeInstanceOf(PostponedError);
  expect(asked).toEqual([]);
  // What is known already needs no room.
  await outcome(there, pinned);
  expect(await outcome(there, pinned, [], { mayWait: () => false })).toMatchObject({ exitCode: 0 });
});

describe('the bound of a rule', () => {
  const bounded = (most: number): FunctionRule => ({ image: 'check', prefixes: [], owner: 'o', maxParallel: most });
  /** Runs until it is told what becomes of it. */
  function held() {
    const runs: PromiseWithResolvers<EvaluationOutcome>[] = [];
    const ended = vi.fn();
    const evaluator: FunctionEvaluator = {
      name: 'test',
      evaluate() {
        const run = Promise.withResolvers<EvaluationOutcome>();
        runs.push(run);
        return run.promise;
      },
      close: async () => undefined,
    };
    return { there: new FunctionDesk({ evaluator, observer: observerOf(ended) }), runs, ended };
  }
  const observerOf = (functionEnded: (run: { readonly failed: boolean }) => void) => ({
    functionEnded,
    renderEnded: () => undefined,
    answerLookedUp: () => undefined,
  });
  const done: EvaluationOutcome = { resourceList: list, exitCode: 0, stderr: '' };

  it('is kept to, and a run that fails gives its place to the next', async () => {
    const { there, runs, ended } = held();
    const first = outcome(there, 'check:v1', [bounded(1)]);
    const second = outcome(there, 'check:v1', [bounded(1)]);
    await expect.poll(() => runs.length).toBe(1);
    runs[0]?.reject(new FunctionRunError('it was ended'));
    await expect(first).rejects.toThrow('it was ended');
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.resolve(done);
    expect(await second).toMatchObject({ exitCode: 0 });
    expect(ended.mock.calls.map(([{ failed }]) => failed)).toEqual([true, false]);
  });

  it('counts from when it is changed', async () => {
    const { there, runs } = held();
    const first = outcome(there, 'check:v1', [bounded(1)]);
    await expect.poll(() => runs.length).toBe(1);
    const others = [outcome(there, 'check:v1', [bounded(2)]), outcome(there, 'check:v1', [bounded(2)])];
    await expect.poll(() => runs.length).toBe(3);
    for (const run of runs) run.resolve(done);
    await Promise.all([first, ...others]);
  });

  it('keeps nobody waiting who is given up', async () => {
    const { there, runs } = held();
    const controller = new AbortController();
    const first = outcome(there, 'check:v1', [bounded(1)]);
    await expect.poll(() => runs.length).toBe(1);
    const given = outcome(there, 'check:v1', [bounded(1)], { signal: controller.signal });
    controller.abort(new Error('the job was given up'));
    await expect(given).rejects.toThrow('the job was given up');
    runs[0]?.resolve(done);
    await first;
    expect(runs).toHaveLength(1);
  });
});

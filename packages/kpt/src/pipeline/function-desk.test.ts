import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import type { EvaluationOutcome, EvaluationRequest, FunctionEvaluator } from '../runtimes/evaluator.ts';
import type { FunctionRule } from '../runtimes/function-rule.ts';
import { functionClient } from './function-client.ts';
import { FunctionDesk } from './function-desk.ts';

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
): Promise<EvaluationOutcome | undefined> {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  asked.serve(port1, {
    rules,
    signal: new AbortController().signal,
    mayWait: () => true,
    pause: () => undefined,
    resume: async () => undefined,
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

import { expect, it, vi } from 'vitest';
import { defaultRunLimits, type FunctionEvaluator, firstOf } from './evaluator.ts';

const request = {
  image: 'r.io/fn:v1',
  resourceList: new Uint8Array(),
  limits: defaultRunLimits,
  signal: new AbortController().signal,
};

function evaluator(name: string, has: boolean) {
  const outcome = { resourceList: new Uint8Array(), exitCode: 0, stderr: name };
  return {
    name,
    evaluate: vi.fn(async () => (has ? outcome : undefined)),
    close: vi.fn(async () => undefined),
  } satisfies FunctionEvaluator;
}

it('asks one after the other until one has the function, and says which', async () => {
  const [none, first, second] = [evaluator('none', false), evaluator('first', true), evaluator('second', true)];
  const all = firstOf([none, first, second]);
  expect(all.name).toBe('none, first, second');
  expect(await all.evaluate(request)).toMatchObject({ runtime: 'first', stderr: 'first' });
  expect(none.evaluate).toHaveBeenCalledWith(request);
  expect(second.evaluate).not.toHaveBeenCalled();
  expect(await firstOf([none]).evaluate(request)).toBeUndefined();
});

it('ends what runs in any of them', async () => {
  const all = [evaluator('first', true), evaluator('second', true)];
  await firstOf(all).close();
  for (const { close } of all) expect(close).toHaveBeenCalledOnce();
});

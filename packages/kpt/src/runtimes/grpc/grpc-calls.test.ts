import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultRunLimits, type FunctionEvaluator, FunctionRunError } from '../evaluator.ts';
import { FunctionRunner } from './function-runner.ts';
import { GrpcEvaluator } from './grpc-evaluator.ts';
import { request } from './request.test-support.ts';

const maxMessageBytes = 1 << 20;
let runner: FunctionRunner;
let client: GrpcEvaluator;
let port = 0;

/** At the same address as the one before. */
async function startRunner(evaluator: FunctionEvaluator): Promise<void> {
  const address = `127.0.0.1:${port}`;
  runner = new FunctionRunner({ evaluator, address, limits: defaultRunLimits, maxMessageBytes, mostRuns: 8 });
  port = await runner.listen();
}

/** A runner that does as it is told by the names of functions. */
const odd: FunctionEvaluator = {
  name: 'odd',
  async evaluate({ image, resourceList, signal }) {
    if (image === 'verbose') throw new FunctionRunError(`it crashed; it printed: ${'é\n'.repeat(60_000)}`);
    if (image === 'hang') {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    }
    return image === 'echo' ? { resourceList, exitCode: 0, stderr: '' } : undefined;
  },
  close: async () => undefined,
};

beforeEach(async () => {
  port = 0;
  await startRunner(odd);
  client = new GrpcEvaluator({ address: `127.0.0.1:${port}`, maxMessageBytes, connectTimeoutMs: 10_000 });
});

afterEach(async () => {
  await client.close();
  await runner.close(0);
});

describe('a call', () => {
  it('that fails with a long reason ends nobody else’s, and says the beginning and the end of it', async () => {
    const stop = new AbortController();
    const other = client.evaluate(request('hang', { signal: stop.signal }));
    const { stderr } = (await client.evaluate(request('verbose'))) ?? {};
    expect(stderr).toMatch(/^it crashed; it printed: é\n[^]*\[\d+ bytes left out\][^]*é\n$/);
    expect(await client.evaluate(request('nobody'.repeat(20_000)))).toBeUndefined();
    expect(await client.evaluate(request('echo'))).toMatchObject({ exitCode: 0 });
    stop.abort(new Error('given up'));
    await expect(other).rejects.toThrow('given up');
  });

  it.each([
    ['is given up', (stop: AbortController) => ({ signal: stop.signal })],
    ['takes too long', () => ({ limits: { ...defaultRunLimits, timeoutMs: 300 } })],
  ])('that %s is given up by the runner too', async (_, changes) => {
    const [begun, given] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await runner.close(0);
    await startRunner({
      ...odd,
      evaluate(asked) {
        asked.signal.addEventListener('abort', () => given.resolve());
        begun.resolve();
        return odd.evaluate(asked);
      },
    });
    // Connecting is no part of the time that the call has.
    expect(await client.check()).toEqual({ serving: true });
    const stop = new AbortController();
    const call = client.evaluate(request('hang', changes(stop)));
    const failed = expect(call).rejects.toThrow();
    await begun.promise;
    stop.abort(new Error('given up'));
    await failed;
    await given.promise;
  });

  it('that takes long asks no more often whether its runner is there than servers in Go allow', async () => {
    const begun = Promise.withResolvers<void>();
    await runner.close(0);
    await startRunner({
      ...odd,
      evaluate(asked) {
        begun.resolve();
        return odd.evaluate(asked);
      },
    });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    try {
      const stop = new AbortController();
      const limits = { ...defaultRunLimits, timeoutMs: 3_600_000 };
      const call = client.evaluate(request('hang', { limits, signal: stop.signal }));
      const failed = expect(call).rejects.toThrow('given up');
      await begun.promise;
      const seconds = timers.mock.calls.map(([, milliseconds]) => Number(milliseconds) / 1000);
      // The library has timers of half an hour and of half a minute for other things.
      expect(seconds.some((each) => each > 300 && each < 1000)).toBe(true);
      stop.abort(new Error('given up'));
      await failed;
    } finally {
      timers.mockRestore();
    }
  });

  it('that is given up before it is made is not made', async () => {
    let asked = 0;
    await runner.close(0);
    await startRunner({
      ...odd,
      evaluate(call) {
        asked += 1;
        return odd.evaluate(call);
      },
    });
    const stop = new AbortController();
    const hasty = new GrpcEvaluator({
      address: `127.0.0.1:${port}`,
      onChange: () => stop.abort(new Error('given up')),
    });
    try {
      await expect(hasty.evaluate(request('echo', { signal: stop.signal }))).rejects.toThrow('given up');
      await hasty.evaluate(request('echo'));
      expect(asked).toBe(1);
    } finally {
      await hasty.close();
    }
  });

  it('may be answered with no more than its own limit', async () => {
    const limits = { ...defaultRunLimits, outputBytes: 5 };
    await expect(client.evaluate(request('echo', { limits }))).rejects.toThrow('it printed more than 5 bytes');
    expect(await client.evaluate(request('echo', { limits: { ...limits, outputBytes: 6 } }))).toMatchObject({
      exitCode: 0,
    });
  });
});

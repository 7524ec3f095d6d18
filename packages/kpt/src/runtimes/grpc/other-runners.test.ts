import { Server, ServerCredentials, type ServiceError, type sendUnaryData, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { defaultRunLimits } from '../evaluator.ts';
import { GrpcEvaluator } from './grpc-evaluator.ts';
import { request } from './request.test-support.ts';
import { type EvaluateFunctionResponse, functionEvaluatorService, healthService } from './services.ts';

describe('a runner of somebody else', () => {
  type Answer = sendUnaryData<EvaluateFunctionResponse>;
  const failing = (code: status, details: string) => (answer: Answer) =>
    answer({ code, details } as Partial<ServiceError>);

  async function withRunner(
    behaviour: { readonly evaluate?: (answer: Answer) => void; readonly isHealthUnanswered?: boolean },
    use: (client: GrpcEvaluator, address: string) => Promise<void>,
  ) {
    const server = new Server();
    const EvaluateFunction = (_: unknown, answer: Answer) => behaviour.evaluate?.(answer);
    server.addService(functionEvaluatorService, { EvaluateFunction });
    if (behaviour.isHealthUnanswered)
      server.addService(healthService, { Check: () => undefined, Watch: () => undefined });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
    const address = `127.0.0.1:${await promise}`;
    const used = new GrpcEvaluator({ address });
    try {
      await use(used, address);
    } finally {
      await used.close();
      server.forceShutdown();
    }
  }

  it('that has no place for a function fails it with its reason', () =>
    withRunner({ evaluate: failing(status.UNAVAILABLE, 'the pod was evicted') }, async (used, address) => {
      await expect(used.evaluate(request('f'))).rejects.toThrow(
        `the function runner at ${address} is unavailable: the pod was evicted`,
      );
    }));

  it('that breaks the connection with a call fails that one, and is asked again', async () => {
    let isBreaking = true;
    const evaluate = (answer: Answer) =>
      isBreaking
        ? failing(status.INTERNAL, 'é\n'.repeat(60_000))(answer)
        : answer(null, { resourceList: Buffer.from('ok'), log: Buffer.from('') });
    await withRunner({ evaluate }, async (used, address) => {
      await expect(used.evaluate(request('f'))).rejects.toThrow(
        `the function runner at ${address} is unavailable, or the function failed and printed more to standard error than`,
      );
      isBreaking = false;
      expect(await used.evaluate(request('f'))).toMatchObject({ exitCode: 0 });
    });
  });

  it('that does not answer is not taken for a function that takes too long', () =>
    withRunner({ isHealthUnanswered: true }, async (used, address) => {
      const limits = { ...defaultRunLimits, timeoutMs: 500 };
      await expect(used.evaluate(request('f', { limits }))).rejects.toThrow(
        `the function runner at ${address} does not answer`,
      );
      await expect(used.evaluate(request('f'))).rejects.toThrow(`the function runner at ${address} does not answer`);
    }));
});

import type { FunctionRunner, FunctionRunnerOptions } from './function-runner.ts';
import type { GrpcEvaluator, GrpcEvaluatorOptions } from './grpc-evaluator.ts';

/** Runs functions by a function runner. The library for gRPC is loaded only now. */
export async function connectFunctionRunner(options: GrpcEvaluatorOptions): Promise<GrpcEvaluator> {
  const module = await import('./grpc-evaluator.ts');
  return new module.GrpcEvaluator(options);
}

/** A function runner, which does not listen yet. The library for gRPC is loaded only now. */
export async function createFunctionRunner(options: FunctionRunnerOptions): Promise<FunctionRunner> {
  const module = await import('./function-runner.ts');
  return new module.FunctionRunner(options);
}

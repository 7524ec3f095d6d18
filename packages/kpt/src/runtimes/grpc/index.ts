/** Functions over gRPC, apart from the rest: its library is loaded only where it is used. */
export { FunctionRunner, type FunctionRunnerOptions, type RunnerCall } from './function-runner.ts';
export { GrpcEvaluator, type GrpcEvaluatorOptions, type RunnerState } from './grpc-evaluator.ts';

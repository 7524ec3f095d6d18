import type { FunctionWorkers } from '../pipeline/job.ts';
import type { FunctionEvaluator } from './evaluator.ts';

/** Runs built-in functions on worker threads, for other programs. The threads are not closed with it. */
export function createBuiltInEvaluator(workers: Pick<FunctionWorkers, 'evaluate'>): FunctionEvaluator {
  return { name: 'built-in', evaluate: (request) => workers.evaluate(request), close: async () => undefined };
}

import { defaultRunLimits, type EvaluationRequest } from '../evaluator.ts';

/** What a function is run with, but for the changes. */
export function request(image: string, changes: Partial<EvaluationRequest> = {}): EvaluationRequest {
  const { signal } = new AbortController();
  return { image, resourceList: Buffer.from('a list'), limits: defaultRunLimits, signal, ...changes };
}

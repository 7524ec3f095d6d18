import type { FunctionInput } from '../functions/function.ts';
import { type EvaluationOutcome, FunctionRunError } from './evaluator.ts';
import { imageParts } from './function-rule.ts';
import type { FunctionCall } from './function-runtime.ts';
import { readResourceList, writeResourceList } from './resource-list.ts';
import { listText } from './resource-list-text.ts';

/** Runs a function on a ResourceList; undefined where nothing has the function. See `FunctionEvaluator.evaluate`. */
export type Evaluate = (image: string, resourceList: Uint8Array) => Promise<EvaluationOutcome | undefined>;

/**
 * Calls a function that is run elsewhere: writes what it reads, waits, and reads what it printed. What a failed function reported is
 * kept; its objects are not.
 *
 * @param unknown - what to say where nothing has the function
 * @throws whatever ends the whole work; failures of the function are part of the answer
 */
export async function evaluateCall(
  image: string,
  input: FunctionInput,
  evaluate: Evaluate,
  unknown: string,
): Promise<FunctionCall> {
  const failed = (executionError: string): FunctionCall => ({
    items: input.items,
    results: [],
    exitCode: 1,
    executionError,
  });
  const title = `function ${JSON.stringify(image)}`;
  let outcome: EvaluationOutcome | undefined;
  try {
    outcome = await evaluate(image, new TextEncoder().encode(writeResourceList(input)));
  } catch (error) {
    if (error instanceof FunctionRunError) return failed(`${title}: ${error.message}`);
    throw error;
  }
  if (outcome === undefined) return failed(unknown);
  const { exitCode, stderr } = outcome;
  const notes = { exitCode, ...(stderr !== '' && { stderr }), isRepeatable: imageParts(image).digest !== undefined };
  if (exitCode !== 0) return { ...notes, items: input.items, results: resultsOf(outcome.resourceList) };
  try {
    const answer = listText(outcome.resourceList);
    if (answer.trim() === '') return { ...notes, items: input.items, results: [], isSilent: true };
    return { ...notes, ...readResourceList(answer, input.items) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...failed(`${title}: what it printed cannot be used: ${reason}`), ...(stderr !== '' && { stderr }) };
  }
}

/** What a failed function reported, where it printed that. */
function resultsOf(bytes: Uint8Array): FunctionCall['results'] {
  try {
    const printed = new TextDecoder().decode(bytes);
    return printed.trim() === '' ? [] : readResourceList(printed, []).results;
  } catch {
    // That the function failed is what counts; it may have been cut off while it printed.
    return [];
  }
}

import type { FunctionInput, KrmFunction } from '../functions/function.ts';
import { keepAliases } from '../yaml/keep-aliases.ts';
import type { FunctionCall } from './function-runtime.ts';
import { hasTooMuchText, mostAdded } from './made-text.ts';

/** Calls a function that is part of the program. An error that it throws is its failure. */
export function callBuiltIn(entry: KrmFunction, input: FunctionInput): FunctionCall {
  const restoreAliases = keepAliases(input.items.map(({ source }) => source));
  try {
    const { results, items = input.items, failed, stderr: printed, isRepeatable = true, heldMs } = entry.run(input);
    if (hasTooMuchText(items, results)) throw new Error(`it made more than ${mostAdded} characters`);
    restoreAliases();
    const stderr = [printed, failed].filter(Boolean).join('\n');
    return {
      items,
      results,
      isRepeatable,
      exitCode: failed === undefined ? 0 : 1,
      ...(stderr !== '' && { stderr }),
      ...(heldMs !== undefined && heldMs > 0 && { heldMs }),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { items: input.items, results: [], exitCode: 1, stderr: `function ${entry.name}: ${reason}` };
  }
}

import type { FunctionCatalogue, FunctionInput, KrmFunction } from '../functions/function.ts';
import type { FunctionCall, FunctionRuntime } from './function-runtime.ts';
import { imageBaseName, isVersionRange } from './image-reference.ts';

/** Runs the functions that are part of the program, whatever registry and tag their image is named with. */
export function createBuiltInRuntime(catalogue: FunctionCatalogue): FunctionRuntime {
  return {
    resolveTag(image, tag) {
      if (tag === undefined || !isVersionRange(tag)) return undefined;
      return catalogue.get(imageBaseName(image))?.tags[0];
    },
    find(image) {
      const entry = catalogue.get(imageBaseName(image));
      return entry === undefined ? undefined : (input) => call(entry, input);
    },
    names: () => [...catalogue.keys()].sort(),
  };
}

function call(entry: KrmFunction, input: FunctionInput): FunctionCall {
  try {
    const { results, items = input.items, failed, stderr: printed } = entry.run(input);
    const stderr = [printed, failed].filter(Boolean).join('\n');
    return { items, results, exitCode: failed === undefined ? 0 : 1, ...(stderr !== '' && { stderr }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { items: input.items, results: [], exitCode: 1, stderr: `function ${entry.name}: ${reason}` };
  }
}

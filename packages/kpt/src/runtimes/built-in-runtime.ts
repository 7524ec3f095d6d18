import type { FunctionCatalogue } from '../functions/function.ts';
import type { FunctionRuntime } from './function-runtime.ts';
import { createPipelineRuntime } from './pipeline-runtime.ts';

/** Runs the functions that are part of the program, whatever registry and tag their image is named with, and no others. */
export function createBuiltInRuntime(catalogue: FunctionCatalogue): FunctionRuntime {
  return createPipelineRuntime({ catalogue, rules: [] });
}

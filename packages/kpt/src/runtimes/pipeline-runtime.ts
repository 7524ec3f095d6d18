import type { FunctionInput, KrmFunction } from '../functions/function.ts';
import { callBuiltIn } from './call-built-in.ts';
import { type Evaluate, evaluateCall } from './evaluate-function-call.ts';
import { type FunctionCall, type FunctionRuntime, unknownFunction } from './function-runtime.ts';
import { builtInFor, type KnownFunctions, resolveRange } from './resolve-function.ts';

/** Where functions that are not built in are run. */
export interface Elsewhere {
  readonly evaluate: Evaluate;
  /** What is tried, in order, for messages. */
  readonly names: readonly string[];
}

/** Is told of each call of a built-in function: its name, how long it took, and whether it failed. */
export type OnBuiltIn = (name: string, milliseconds: number, failed: boolean) => void;

/** Runs built-in functions where rules let it, and everything else elsewhere, where there is such a place. */
export function createPipelineRuntime(
  known: KnownFunctions,
  {
    elsewhere,
    onBuiltIn,
  }: { readonly elsewhere?: Elsewhere | undefined; readonly onBuiltIn?: OnBuiltIn | undefined } = {},
): FunctionRuntime {
  const names = () => [...known.catalogue.keys()].sort();
  return {
    resolveTag: (image, tag) => resolveRange(image, tag, known),
    find(image) {
      const entry = builtInFor(image, known);
      if (entry !== undefined) return (input) => timed(entry, input, onBuiltIn);
      if (elsewhere === undefined) return undefined;
      const unknown = unknownFunction(image, names(), elsewhere.names);
      return (input) => evaluateCall(image, input, elsewhere.evaluate, unknown);
    },
    names,
  };
}

function timed(entry: KrmFunction, input: FunctionInput, onBuiltIn: OnBuiltIn | undefined): FunctionCall {
  const begun = performance.now();
  const call = callBuiltIn(entry, input);
  onBuiltIn?.(entry.name, performance.now() - begun, call.exitCode !== 0);
  return call;
}

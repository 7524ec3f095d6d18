import type { FunctionInput, KrmFunction } from '../functions/function.ts';
import { callBuiltIn } from './call-built-in.ts';
import { type Evaluate, evaluateCall } from './evaluate-function-call.ts';
import { FunctionRunError } from './evaluator.ts';
import type { FunctionCall, FunctionRuntime } from './function-runtime.ts';
import { holdBack } from './hold-back.ts';
import { builtInFor, type KnownFunctions, resolveRange, whyUnknown } from './resolve-function.ts';

/** Where functions that are not built in are run. */
export interface Elsewhere {
  readonly evaluate: Evaluate;
  /** What is tried, in order, for messages. */
  readonly names: readonly string[];
}

/** Is told of each call of a built-in function: its name, how long it took, and whether it failed. */
export type OnBuiltIn = (name: string, milliseconds: number, failed: boolean) => void;

/** Waits while the answer of a function is held back. Rejected with a FunctionRunError where that takes too long. */
export type Hold = (milliseconds: number) => Promise<void>;

/** Runs built-in functions where rules let it, and everything else elsewhere, where there is such a place. */
export function createPipelineRuntime(
  known: KnownFunctions,
  {
    elsewhere,
    onBuiltIn,
    hold = holdBack,
  }: {
    readonly elsewhere?: Elsewhere | undefined;
    readonly onBuiltIn?: OnBuiltIn | undefined;
    readonly hold?: Hold | undefined;
  } = {},
): FunctionRuntime {
  return {
    resolveTag: (image, tag) => resolveRange(image, tag, known),
    find(image) {
      const entry = builtInFor(image, known);
      if (entry !== undefined) {
        return (input) => {
          const call = timed(entry, input, onBuiltIn);
          return call.heldMs === undefined ? call : heldCall(image, call, call.heldMs, hold);
        };
      }
      if (elsewhere === undefined) return undefined;
      const unknown = whyUnknown(image, known, elsewhere.names);
      return (input) => evaluateCall(image, input, elsewhere.evaluate, unknown);
    },
    whyUnknown: (image) => whyUnknown(image, known, elsewhere?.names),
  };
}

async function heldCall(image: string, call: FunctionCall, milliseconds: number, hold: Hold): Promise<FunctionCall> {
  try {
    await hold(milliseconds);
    return call;
  } catch (error) {
    if (!(error instanceof FunctionRunError)) throw error;
    const executionError = `function ${JSON.stringify(image)}: ${error.message}`;
    return { items: call.items, results: [], exitCode: 1, executionError, isRepeatable: false };
  }
}

function timed(entry: KrmFunction, input: FunctionInput, onBuiltIn: OnBuiltIn | undefined): FunctionCall {
  const begun = performance.now();
  const call = callBuiltIn(entry, input);
  onBuiltIn?.(entry.name, performance.now() - begun, call.exitCode !== 0);
  return call;
}

import type { FunctionInput } from '../../functions/function.ts';
import { evaluateCall } from '../evaluate-function-call.ts';
import { type EvaluationOutcome, FunctionRunError, type RunLimits } from '../evaluator.ts';
import type { FunctionCall, FunctionRuntime } from '../function-runtime.ts';
import { commandWords } from './command-words.ts';
import type { ProgramRunner } from './program-runner.ts';
import { runFunctionProgram } from './run-function-program.ts';

/** How programs are run that entries of a pipeline name. */
export interface EntryPrograms {
  readonly runner: ProgramRunner;
  readonly limits: RunLimits;
}

/**
 * A runtime for whoever may run what packages name: entries with `exec` are run as programs of this machine. Without `programs` they are
 * refused until somebody allows them.
 */
export function withEntryPrograms(runtime: FunctionRuntime, programs: EntryPrograms | undefined): FunctionRuntime {
  return {
    resolveTag: (image, tag) => runtime.resolveTag(image, tag),
    find: (image) => runtime.find(image),
    whyUnknown: (image) => runtime.whyUnknown(image),
    findProgram: (command) => programs && ((input) => callProgram(command, input, programs)),
  };
}

function callProgram(command: string, input: FunctionInput, programs: EntryPrograms): Promise<FunctionCall> {
  const unknown = `there is no program in ${JSON.stringify(command)}`;
  return evaluateCall(command, input, (_, resourceList) => runCommand(command, resourceList, programs), unknown);
}

async function runCommand(
  command: string,
  resourceList: Uint8Array,
  { runner, limits }: EntryPrograms,
): Promise<EvaluationOutcome | undefined> {
  const [file, ...args] = wordsOf(command);
  if (file === undefined) return undefined;
  const request = { image: command, resourceList, limits, signal: new AbortController().signal };
  return runFunctionProgram(runner, request, { file, args, environment: {} });
}

function wordsOf(command: string): readonly string[] {
  try {
    return commandWords(command);
  } catch (error) {
    throw new FunctionRunError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

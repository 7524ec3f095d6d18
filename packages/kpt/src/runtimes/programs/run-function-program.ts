import {
  type EvaluationOutcome,
  type EvaluationRequest,
  FunctionRunError,
  printedTooMuch,
  tookTooLong,
} from '../evaluator.ts';
import { ProgramEndedError, type ProgramRequest, type ProgramRunner } from './program-runner.ts';

/** Exit code of a program that was ended by SIGKILL, as the kernel does where memory is short. */
const killed = 137;

/**
 * Runs a program as a function: the ResourceList on standard input, the answer on standard output.
 *
 * @throws FunctionRunError where it could not be run, or was ended
 */
export async function runFunctionProgram(
  runner: ProgramRunner,
  { resourceList, limits, signal }: EvaluationRequest,
  program: Pick<ProgramRequest, 'file' | 'args' | 'environment' | 'memoryBytes'>,
): Promise<EvaluationOutcome> {
  const { timeoutMs, outputBytes, memoryBytes } = limits;
  try {
    const { exitCode, stdout, stderr } = await runner.run({
      ...program,
      input: resourceList,
      timeoutMs,
      outputBytes,
      signal,
    });
    if (exitCode !== killed) return { resourceList: stdout, exitCode, stderr };
    const guess = `it was killed, perhaps because it took more than ${Math.round(memoryBytes / 1048576)} MiB of memory`;
    throw new FunctionRunError(stderr.trim() === '' ? guess : `${guess}; it printed: ${stderr.trim()}`);
  } catch (error) {
    if (!(error instanceof ProgramEndedError)) throw error;
    if (error.reason === 'time') throw tookTooLong(limits);
    if (error.reason === 'output') throw printedTooMuch(limits);
    throw new FunctionRunError(`it could not be run: ${error.message}`, { cause: error });
  }
}

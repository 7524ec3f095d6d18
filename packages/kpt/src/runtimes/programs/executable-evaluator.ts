import { isAbsolute, join, normalize } from 'node:path';
import {
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
} from '../evaluator.ts';
import { findImage, ImageTableError, readImageTable } from './image-table.ts';
import type { ProgramRunner } from './program-runner.ts';
import { runFunctionProgram } from './run-function-program.ts';

/** Which programs may be run as functions. */
export interface ExecutableOptions {
  readonly runner: ProgramRunner;
  /** A table of images and programs, read again for each run; none unless given. */
  readonly table?: string;
  /** The directory of the programs that rules name; those are not run unless given. */
  readonly directory?: string;
}

/**
 * Runs functions as programs of this machine: only those that a table names, or that lie in a directory made for them. They get an empty
 * environment, and no argument but those of the table.
 */
export class ExecutableEvaluator implements FunctionEvaluator {
  readonly name = 'executable';
  readonly #options: ExecutableOptions;

  constructor(options: ExecutableOptions) {
    this.#options = options;
  }

  async evaluate(request: EvaluationRequest): Promise<EvaluationOutcome | undefined> {
    const { runner } = this.#options;
    const program = this.#ruled(request) ?? (await this.#listed(request.image));
    if (program === undefined) return undefined;
    const { memoryBytes } = request.limits;
    return runFunctionProgram(runner, request, { ...program, environment: {}, memoryBytes });
  }

  async close(): Promise<void> {}

  #ruled({ program }: EvaluationRequest): { file: string; args: readonly string[] } | undefined {
    const { directory } = this.#options;
    if (program === undefined || directory === undefined) return undefined;
    const path = normalize(program);
    if (isAbsolute(path) || path === '..' || path.startsWith('../')) {
      throw new FunctionRunError(`program ${JSON.stringify(program)} does not lie in the directory of programs`);
    }
    return { file: join(directory, path), args: [] };
  }

  async #listed(image: string): Promise<{ file: string; args: readonly string[] } | undefined> {
    const { table } = this.#options;
    if (table === undefined) return undefined;
    try {
      return findImage(await readImageTable(table), image);
    } catch (error) {
      if (error instanceof ImageTableError) throw new FunctionRunError(error.message, { cause: error });
      throw error;
    }
  }
}

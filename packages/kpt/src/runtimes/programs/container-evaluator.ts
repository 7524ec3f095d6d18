import { randomUUID } from 'node:crypto';
import {
  type EvaluationOutcome,
  type EvaluationRequest,
  type FunctionEvaluator,
  FunctionRunError,
} from '../evaluator.ts';
import { imageParts, isBelow } from '../function-rule.ts';
import { ProgramEndedError, type ProgramRunner } from './program-runner.ts';
import { runFunctionProgram } from './run-function-program.ts';
import { withVariablesFile } from './variables-file.ts';

/** How containers are run. */
export interface ContainerOptions {
  readonly runner: ProgramRunner;
  /** The engine's command, or the path of one that is used as it is. */
  readonly engine: string;
  /** The environment of the engine's command: its search path, home and address. Functions see none of it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Registries and paths whose images may be run; others only where a rule says so. */
  readonly prefixes: readonly string[];
}

/** Exit code of the engines where they could not run a container. */
const engineFailed = 125;
const mostProcesses = 256;
const cleanUpMs = 30_000;

/**
 * Runs functions as containers, by the command of an engine: without network, capabilities and new privileges, as nobody, on a file
 * system that is read-only but for a small `/tmp`, with limits on memory and processes.
 */
export class ContainerEvaluator implements FunctionEvaluator {
  readonly name = 'container';
  readonly #options: ContainerOptions;

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  async evaluate(request: EvaluationRequest): Promise<EvaluationOutcome | undefined> {
    const { image, environment = {}, isTrusted = false } = request;
    if (!isTrusted && !this.#isListed(image)) return undefined;
    const { runner, engine } = this.#options;
    const name = `porch-fn-${randomUUID()}`;
    const own = this.#options.environment;
    try {
      // The engine's command must neither be told by them what to do, nor show them in a list of processes.
      const outcome = await withVariablesFile(environment, (file) => {
        const args = runArguments(request, name, file);
        return runFunctionProgram(runner, request, { file: engine, args, environment: own });
      });
      if (outcome.exitCode !== engineFailed) return outcome;
      throw new FunctionRunError(`${engine} could not run it: ${outcome.stderr.trim()}`);
    } catch (error) {
      throw wasStarted(error) ? await this.#afterRemoval(name, error) : error;
    }
  }

  async close(): Promise<void> {}

  #isListed(image: string): boolean {
    const { repository } = imageParts(image);
    return this.#options.prefixes.some((prefix) => isBelow(repository, prefix));
  }

  /** Removes a container that was given up, for it does not end with the command that began it; gives what to say then. */
  async #afterRemoval(name: string, error: unknown): Promise<unknown> {
    try {
      await this.#remove(name);
      return error;
    } catch (failure) {
      if (!(error instanceof FunctionRunError && failure instanceof ProgramEndedError)) return error;
      const reason = `${error.message}; its container ${name} may still run: ${failure.message}`;
      return new FunctionRunError(reason, { cause: error });
    }
  }

  async #remove(name: string): Promise<void> {
    const { runner, engine, environment } = this.#options;
    await runner.run({
      file: engine,
      args: ['rm', '--force', name],
      environment,
      input: new Uint8Array(),
      timeoutMs: cleanUpMs,
      outputBytes: 1 << 16,
      signal: new AbortController().signal,
    });
  }
}

/** Whether an error can mean that there is a container. */
function wasStarted(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return !(cause instanceof ProgramEndedError && cause.reason === 'start');
}

function runArguments({ image, limits }: EvaluationRequest, name: string, variables: string | undefined): string[] {
  const memory = Math.max(limits.memoryBytes, 16 << 20);
  return [
    'run',
    '--rm',
    '--interactive',
    `--name=${name}`,
    '--network=none',
    '--read-only',
    '--tmpfs=/tmp:rw,nosuid,nodev,size=64m',
    '--user=65534:65534',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    `--memory=${memory}`,
    `--memory-swap=${memory}`,
    `--pids-limit=${mostProcesses}`,
    ...(variables === undefined ? [] : [`--env-file=${variables}`]),
    image,
  ];
}

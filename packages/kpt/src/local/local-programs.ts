import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { BoundedText, mostStderrBytes } from '../runtimes/bounded-text.ts';
import {
  ProgramEndedError,
  type ProgramOutcome,
  type ProgramRequest,
  type ProgramRunner,
} from '../runtimes/programs/program-runner.ts';

/**
 * Runs programs for a command that somebody waits for: in the directory and with the environment of the command, and interrupted with it.
 * Memory is not limited, and of a program that is ended its children are left.
 */
export const localPrograms: ProgramRunner = {
  run: (request) =>
    new Promise((resolve, reject) => {
      try {
        new LocalProgram(request, resolve, reject);
      } catch (error) {
        if (request.signal.aborted) return reject(request.signal.reason);
        // What can never be a command, a name with a NUL in it for one.
        const reason = error instanceof Error ? error.message : String(error);
        reject(new ProgramEndedError('start', reason, { cause: error }));
      }
    }),
};

class LocalProgram {
  readonly #child: ChildProcess;
  readonly #request: ProgramRequest;
  readonly #stdout: Buffer[] = [];
  readonly #stderr = new BoundedText(mostStderrBytes);
  #length = 0;
  /** Why it was ended, where it was. */
  #ended: { readonly reason: unknown } | undefined;

  constructor(request: ProgramRequest, done: (outcome: ProgramOutcome) => void, failed: (error: unknown) => void) {
    const { file, args, environment, input, timeoutMs, signal } = request;
    signal.throwIfAborted();
    this.#request = request;
    // Without variables of its own a program has those of the command.
    const env = Object.keys(environment).length > 0 ? { env: { ...environment } } : {};
    this.#child = spawn(file, args, { stdio: 'pipe', ...env });
    const tooLong = () => this.#end(new ProgramEndedError('time', `it took more than ${timeoutMs} ms`));
    const timer = setTimeout(tooLong, timeoutMs);
    const abort = () => this.#end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    this.#child.stdout?.on('data', (piece: Buffer) => this.#print(piece));
    this.#child.stderr?.on('data', (piece: Buffer) => this.#stderr.append(piece));
    // A program need not read what it is given.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdin?.end(input);
    this.#child.on('error', (error) => {
      settle();
      failed(new ProgramEndedError('start', error.message, { cause: error }));
    });
    this.#child.on('close', (code, signal) => {
      settle();
      if (this.#ended !== undefined) failed(this.#ended.reason);
      else
        done({ exitCode: exitCode(code, signal), stdout: Buffer.concat(this.#stdout), stderr: String(this.#stderr) });
    });
  }

  #print(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > this.#request.outputBytes) this.#end(new ProgramEndedError('output', 'it printed too much'));
    else this.#stdout.push(piece);
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason };
    this.#child.kill('SIGKILL');
    // Children that hold the pipes must not keep the command waiting.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The file that Node runs as `porch`. */
export const program = resolve(import.meta.dirname, '../../packages/porch/bin/porch.js');

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `porch` command. */
export class PorchProcess {
  readonly child: ChildProcess;
  /** Resolves when the process and both of its streams are over. */
  readonly exited: Promise<Exit>;
  #stdout = '';
  #stderr = '';
  #over = false;

  constructor(
    args: readonly string[],
    options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ) {
    const { cwd, env = {} } = options;
    this.child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, ...env },
      // The channel tells the server when the tests are gone, however they went.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.exited = once(this.child, 'close').then(([code, signal]) => {
      this.#over = true;
      return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Waits for a text on standard output. @throws Error when the process ends without it */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      if (this.#over) throw new Error(`porch ended before it printed ${pattern}: ${this.#stderr}${this.#stdout}`);
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), this.exited]);
    }
  }

  /** Process id of the server itself, which may be a child of the started process. */
  async pid(dataDirectory: string): Promise<number> {
    return Number.parseInt(await readFile(join(dataDirectory, 'server.pid'), 'utf8'), 10);
  }

  /** Kills the server itself, which may be a child of the started process, as a crash would. */
  async kill(dataDirectory: string): Promise<void> {
    if (this.#over) return;
    const pid = await this.pid(dataDirectory);
    process.kill(pid, 'SIGKILL');
    if (pid !== this.child.pid) this.child.kill('SIGKILL');
    await this.exited;
  }
}

/** Runs a command of `porch` to its end. */
export async function runPorch(args: readonly string[], cwd: string): Promise<Exit> {
  return new PorchProcess(args, { cwd }).exited;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Longest output that is kept, in characters. */
const keptOutput = 200_000;

/** A program that runs beside a test. Its output is kept for messages. */
export class BackgroundProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = '';
  #over = false;

  constructor(program: string, args: readonly string[], cwd: string) {
    this.#child = spawn(program, args, {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keptOutput);
      });
    }
    this.#exited = once(this.#child, 'close').then(() => {
      this.#over = true;
    });
  }

  /** @throws Error with the end of its output when it does not run any more */
  assertRunning(): void {
    if (this.#over) throw new Error(`${this.#child.spawnfile} has ended: ${this.#output.slice(-3000)}`);
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.#over) this.#child.kill(signal);
    await this.#exited;
  }
}

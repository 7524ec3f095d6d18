import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { styleText } from 'node:util';

/** Where commands run. */
export interface TerminalOptions {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  print(text: string): void;
}

/** Shows command lines, runs exactly what it shows, and shows what comes of it. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #running = new Set<ChildProcess>();

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** Begins a part of the story. */
  heading(text: string): void {
    this.#options.print(`\n${style(['bold', 'underline'], `# ${text}`)}\n`);
  }

  /** Shows a command and runs it to its end. @throws Error when it fails */
  async run(command: string): Promise<string> {
    const { code, output } = await this.#execute(command);
    if (code !== 0) throw new Error(`the command failed (exit code ${code}): ${command}\n${output}`);
    return output;
  }

  /** Shows a command that is to be refused, and runs it. @throws Error when it is not, or the refusal does not say `why` */
  async refused(command: string, why: string): Promise<void> {
    const { code, output } = await this.#execute(command);
    if (code === 0) throw new Error(`the command should have been refused: ${command}`);
    if (!output.includes(why)) throw new Error(`the refusal should have said "${why}": ${output}`);
  }

  /** Shows a command and leaves it running until `close`. */
  background(command: string): void {
    this.show(`${command} &`);
    this.#spawn(`exec ${command}`);
  }

  /** Shows a command that somebody else runs. */
  show(command: string): void {
    this.#options.print(`\n${style(['cyan'], '$')} ${style(['bold'], command)}\n`);
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (child) => {
        const ended = once(child, 'close');
        endGroup(child);
        await ended;
      }),
    );
  }

  async #execute(command: string): Promise<{ readonly code: number | null; readonly output: string }> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    this.show(command);
    const child = this.#spawn(`exec 2>&1\n${command}`);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      this.#options.print(text);
    });
    const end = (): void => endGroup(child);
    signal.addEventListener('abort', end);
    try {
      const [code] = await once(child, 'close');
      signal.throwIfAborted();
      return { code, output };
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  #spawn(script: string): ChildProcess {
    const { directory, env } = this.#options;
    const child = spawn('sh', ['-c', script], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true, // a process group of its own, so that it can be ended with all that it has started
    });
    this.#running.add(child);
    child.on('close', () => this.#running.delete(child));
    return child;
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended by itself in this moment
  }
}

function style(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

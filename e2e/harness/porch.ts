import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, type ApiClient, apiClient, type Protocol } from './api-client.ts';
import { type Connection, readConnection } from './kubeconfig.ts';
import { type KubectlProgram, type KubectlResult, kubectlPrograms, runKubectl } from './kubectl.ts';
import { type Exit, PorchProcess } from './server-process.ts';
import { readWatch, type Watch } from './watch.ts';

export interface PorchOptions {
  /** Further flags of `porch serve`. */
  readonly flags?: readonly string[];
  /** Data directory to use; it stays after `close`. Without it, a temporary one that `close` removes. */
  readonly dataDirectory?: string;
  /** Further environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
  readonly protocol?: Protocol;
  /** The kubectl that `kubectl` runs; without it the first of KUBECTL. */
  readonly program?: KubectlProgram;
}

/** A real server, started through its command, and the ways to speak to it as its administrator. */
export class Porch {
  readonly dataDirectory: string;
  readonly kubeconfig: string;
  readonly #options: PorchOptions;
  readonly #home: string;
  #process: PorchProcess | undefined;
  #connection: Required<Connection> | undefined;
  #client: ApiClient | undefined;
  #program: KubectlProgram | undefined;
  #log = '';

  constructor(options: PorchOptions, home: string) {
    this.#options = options;
    this.#home = home;
    this.dataDirectory = options.dataDirectory ?? join(home, 'data');
    this.kubeconfig = join(this.dataDirectory, 'kubeconfig');
  }

  /** Starts the server and waits until it says that it is ready. */
  async start(flags: readonly string[] = this.#options.flags ?? []): Promise<void> {
    const args = ['serve', '--data-dir', this.dataDirectory, '--listen', '127.0.0.1:0', ...flags];
    const started = new PorchProcess(args, {
      cwd: this.#home,
      ...(this.#options.env === undefined ? {} : { env: this.#options.env }),
    });
    this.#process = started;
    await started.printed(/Porch is ready at (\S+)/);
    this.#connection = await readConnection(this.kubeconfig);
    this.#client = apiClient(this.#connection, this.#options.protocol);
  }

  /** Where the server is and who its administrator is. */
  get connection(): Required<Connection> {
    if (this.#connection === undefined) throw new Error('the server has not been started');
    return this.#connection;
  }

  get client(): ApiClient {
    if (this.#client === undefined) throw new Error('the server has not been started');
    return this.#client;
  }

  /** All that the server, and those before it on the same directory, have printed. */
  get output(): string {
    return `${this.#log}${this.#process?.stdout ?? ''}${this.#process?.stderr ?? ''}`;
  }

  http(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return this.client.send(method, path, body, headers);
  }

  /** Begins a watch. @throws Error with the answer, when it is refused */
  async watch(path: string, headers?: Readonly<Record<string, string>>): Promise<Watch> {
    const stream = await this.client.open(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}watch=true`,
      undefined,
      headers,
    );
    const watch = readWatch(stream);
    if (stream.status === 200) return watch;
    await watch.ended;
    throw new Error(`the watch of ${path} was answered with ${stream.status}`);
  }

  /** Runs kubectl, whatever comes of it. */
  kubectlResult(
    args: readonly string[],
    stdin?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<KubectlResult> {
    this.#program ??= this.#options.program ?? kubectlPrograms()[0];
    if (this.#program === undefined) throw new Error('KUBECTL names no program');
    return runKubectl(args, { program: this.#program, kubeconfig: this.kubeconfig, home: this.#home, stdin, env });
  }

  /** Runs kubectl and gives what it printed. @throws Error with what it said, when it fails */
  async kubectl(args: readonly string[], stdin?: string, env?: Readonly<Record<string, string>>): Promise<string> {
    const { code, stdout, stderr } = await this.kubectlResult(args, stdin, env);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed (exit code ${code}): ${stderr}${stdout}`);
    return stdout;
  }

  /** Process id of the server, which may be a child of the started process; undefined while there is none. */
  async pid(): Promise<number | undefined> {
    return this.#process === undefined ? undefined : this.#process.pid(this.dataDirectory);
  }

  /** Ends the server as a crash would. */
  async kill(): Promise<void> {
    await this.#process?.kill(this.dataDirectory);
    await this.#ended();
  }

  /** Asks the server to stop, and waits until it has. */
  async stop(): Promise<Exit | undefined> {
    this.#process?.child.kill('SIGTERM');
    return this.#ended();
  }

  /** Sends the signal of `stop` and does not wait. */
  terminate(): void {
    this.#process?.child.kill('SIGTERM');
  }

  /** Waits for the end of a server that is ending. */
  async exited(): Promise<Exit | undefined> {
    return this.#ended();
  }

  /** Stops the server where it still runs, and starts it again on the same data directory. */
  async restart(flags?: readonly string[]): Promise<void> {
    await this.stop();
    await this.start(flags);
  }

  /** Ends the server, and removes what was made for it. */
  async close(): Promise<void> {
    await this.stop();
    await rm(this.#home, { recursive: true, force: true });
  }

  async #ended(): Promise<Exit | undefined> {
    const process = this.#process;
    if (process === undefined) return undefined;
    const exit = await process.exited;
    this.#client?.close();
    this.#process = undefined;
    this.#log += `${exit.stdout}${exit.stderr}`;
    return exit;
  }
}

/** Starts a server on a free port of this machine. */
export async function startPorch(options: PorchOptions = {}): Promise<Porch> {
  const porch = new Porch(options, await mkdtemp(join(tmpdir(), 'porch-e2e-')));
  try {
    await porch.start();
  } catch (error) {
    await porch.close();
    throw error;
  }
  return porch;
}

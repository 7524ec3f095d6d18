import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { plainGitEnvironment } from '../harness/git-command.ts';
import { type GitServer, startGitServer } from '../harness/git-server.ts';
import { type Exit, PorchProcess } from '../harness/server-process.ts';
import { stageFiles } from './files.ts';
import { Terminal } from './terminal.ts';

/** What the story is played on: a directory, a Git server, a terminal, and later a Porch server. */
export class Stage {
  readonly directory: string;
  readonly terminal: Terminal;
  readonly #git: GitServer;
  readonly signal: AbortSignal;
  #server: PorchProcess | undefined;

  constructor(directory: string, terminal: Terminal, git: GitServer, signal: AbortSignal) {
    this.directory = directory;
    this.terminal = terminal;
    this.#git = git;
    this.signal = signal;
  }

  /** Starts a server and shows that it is ready. @throws Error with what it said, when it does not start */
  async startServer(): Promise<void> {
    const flags = ['serve', '--data-dir', 'data', '--listen', '127.0.0.1:0', '--log-level', 'warn'];
    this.terminal.show(`porch ${flags.join(' ')} &`);
    const server = new PorchProcess(flags, { cwd: this.directory });
    this.#server = server;
    this.signal.addEventListener('abort', () => server.child.kill('SIGTERM'));
    const [ready] = await server.printed(/Porch is ready at .*\n/);
    this.signal.throwIfAborted();
    process.stdout.write(ready);
  }

  /** Stops the server. @throws Error when it did not stop cleanly */
  async stopServer(): Promise<void> {
    const exit = await this.#endServer();
    if (exit !== undefined && exit.code !== 0) {
      throw new Error(`the server ended with ${exit.signal ?? exit.code}: ${exit.stderr}`);
    }
  }

  /** Ends everything and removes it. */
  async close(): Promise<void> {
    await this.terminal.close();
    await this.#endServer();
    await this.#git.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #endServer(): Promise<Exit | undefined> {
    const server = this.#server;
    this.#server = undefined;
    server?.child.kill('SIGTERM');
    return server?.exited;
  }
}

const user = 'porch';

/** Sets the stage in a temporary directory. Nothing outside of it is written. */
export async function setStage(kubectl: string, signal: AbortSignal): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'porch-demo-'));
  let git: GitServer | undefined;
  try {
    const password = crypto.randomUUID();
    git = await startGitServer({ root: join(directory, 'git'), users: { [user]: password } });
    for (const name of ['blueprints', 'deployments']) await git.createRepository(name);
    await mkdir(join(directory, 'bin'));
    await symlink(kubectl, join(directory, 'bin', 'kubectl'));
    for (const [name, text] of stageFiles({ url: git.url, user, password }))
      await writeFile(join(directory, name), text);
    const env = {
      ...plainGitEnvironment(),
      PATH: `${join(directory, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
      HOME: directory,
      KUBECONFIG: 'data/kubeconfig',
      GIT_CONFIG_GLOBAL: devNull,
    };
    const terminal = new Terminal({ directory, env, signal, print: (text) => process.stdout.write(text) });
    return new Stage(directory, terminal, git, signal);
  } catch (error) {
    await git?.close();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

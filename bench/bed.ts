import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from './api/http2-client.ts';
import { readKubeconfig } from './api/kubeconfig.ts';
import { paths, repository, repositoryName } from './api/objects.ts';
import type { PorchClient } from './api/porch-client.ts';
import { copyRepository, createPublishedRepository, type Remote } from './fixture/remote.ts';
import { type Rounds, timed } from './measure.ts';
import { type BenchChild, startChild } from './processes/child.ts';
import type { GitServerReady } from './processes/git-server.ts';
import type { PorchServer } from './processes/porch-server.ts';
import { Serving } from './processes/serving.ts';
import { type DurableCommit, openDurableCommit } from './yardsticks/durable-commit.ts';
import { type GitClient, startGitClient } from './yardsticks/git-client.ts';
import { type PlainSender, startPlainSender } from './yardsticks/plain-sender.ts';

/** What a bed is made for. */
export interface BedOptions {
  readonly size: number;
  readonly quick: boolean;
  readonly profile: string | undefined;
}

/** A server with a repository of a given size, all that it is compared with, and a client: where scenarios run. */
export class Bed {
  readonly size: number;
  readonly directory: string;
  /** The repository that the server knows. */
  readonly remote: Remote;
  /** Its twin on the same Git server, for pushes that the server must not see. */
  readonly twin: Remote;
  readonly durable: DurableCommit;
  readonly sender: PlainSender;
  readonly git: GitClient;
  /** Milliseconds until the repository was ready after it had been registered. */
  readonly firstSyncMs: number;
  readonly #options: BedOptions;
  readonly #gitServer: BenchChild<GitServerReady>;
  readonly #serving: Serving;
  /** What ends and removes what has been made, in the order in which it was. */
  readonly #closers: (() => unknown)[];

  private constructor(
    options: BedOptions,
    parts: Pick<Bed, 'directory' | 'remote' | 'twin' | 'durable' | 'sender' | 'git' | 'firstSyncMs'> & {
      readonly gitServer: BenchChild<GitServerReady>;
      readonly serving: Serving;
      readonly closers: (() => unknown)[];
    },
  ) {
    this.#options = options;
    this.size = options.size;
    this.directory = parts.directory;
    this.remote = parts.remote;
    this.twin = parts.twin;
    this.durable = parts.durable;
    this.sender = parts.sender;
    this.git = parts.git;
    this.firstSyncMs = parts.firstSyncMs;
    this.#gitServer = parts.gitServer;
    this.#serving = parts.serving;
    this.#closers = parts.closers;
  }

  /** Makes the repositories, starts the processes, registers the repository and waits until it has been read. */
  static async make(options: BedOptions): Promise<Bed> {
    const closers: (() => unknown)[] = [];
    try {
      const directory = await mkdtemp(join(tmpdir(), 'porch-bench-'));
      closers.push(() => rm(directory, { recursive: true, force: true }));
      const root = join(directory, 'git');
      await mkdir(root);
      await createPublishedRepository(join(root, 'packages.git'), options.size);
      await copyRepository(join(root, 'packages.git'), join(root, 'twin.git'));
      const durable = openDurableCommit(directory);
      closers.push(() => durable.close());
      const script = new URL('./processes/git-server.ts', import.meta.url);
      const gitServer = await startChild<GitServerReady>(script, { root });
      closers.push(() => gitServer.close());
      const remote = (name: string): Remote => remoteOn(gitServer, directory, name);
      const dataDirectory = join(directory, 'data');
      const serving = await Serving.start({ dataDirectory, profile: options.profile });
      closers.push(() => serving.close());
      const { credentials } = readKubeconfig(join(dataDirectory, 'kubeconfig'));
      const pki = (file: string): Promise<string> => readFile(join(dataDirectory, 'pki', file), 'utf8');
      const tls = { key: await pki('server.key'), cert: await pki('server.crt'), clientCa: credentials.ca };
      const sender = await startPlainSender(tls, credentials);
      closers.push(() => sender.close());
      const git = await startGitClient();
      closers.push(() => git.close());
      const firstSyncMs = await timed(async () => {
        await serving.client.post(paths.repositories, repository(remote('packages').url));
        await serving.client.repositoryReady(repositoryName);
      });
      const [own, twin] = [remote('packages'), remote('twin')];
      const parts = { directory, remote: own, twin, durable, sender, git, firstSyncMs, gitServer, serving, closers };
      return new Bed(options, parts);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /** The data directory of the server. */
  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  get server(): PorchServer {
    return this.#serving.server;
  }

  get client(): PorchClient {
    return this.#serving.client;
  }

  /** Another connection to the server. */
  connect(): Promise<Connection> {
    return this.#serving.connect();
  }

  /** Another copy of the repository on the Git server, as it was at first and with what has been pushed to the twin. */
  async copyOfTwin(name: string): Promise<Remote> {
    const copy = remoteOn(this.#gitServer, this.directory, name);
    await copyRepository(this.twin.directory, copy.directory);
    return copy;
  }

  /** Another server, with nothing in it. It ends with the bed, or when the caller closes it. */
  async serveAnew(name: string): Promise<Serving> {
    const starting = Serving.start({ dataDirectory: join(this.directory, name), profile: this.#options.profile });
    this.#closers.push(() =>
      starting.then(
        (serving) => serving.close(),
        () => undefined, // who has asked for it is told
      ),
    );
    return await starting;
  }

  /** How often something is done: as often as asked, or less in a quick run. */
  rounds(measured: number, warmUp: number): Rounds {
    const less = (times: number): number => (this.#options.quick ? Math.max(2, Math.ceil(times / 5)) : times);
    return { measured: less(measured), warmUp: less(warmUp) };
  }

  /** Stops the server and starts it again on the same data. */
  restart(): Promise<PorchServer> {
    return this.#serving.restart();
  }

  /** Ends all processes and removes all files. */
  close(): Promise<void> {
    return closeAll(this.#closers);
  }
}

/** The last first; what is added meanwhile, by a scenario that was interrupted, is closed as well. */
async function closeAll(closers: (() => unknown)[]): Promise<void> {
  for (let next = closers.pop(); next !== undefined; next = closers.pop()) await next();
}

function remoteOn(server: BenchChild<GitServerReady>, directory: string, name: string): Remote {
  return {
    url: `http://127.0.0.1:${server.ready.port}/${name}.git`,
    directory: join(directory, 'git', `${name}.git`),
  };
}

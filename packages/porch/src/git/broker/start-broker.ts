/**
 * Starts the broker of a data directory and speaks to it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { extname, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { BrokerProcess } from './broker-process.ts';
import { type Frame, FrameKind, FrameSocket } from './frames.ts';
import {
  type GitProcess,
  type GitProcesses,
  type OpenRequest,
  type ProcessExit,
  ProcessLostError,
  type RunRequest,
  type RunResult,
} from './git-processes.ts';
import { startProblem, versionProblem } from './git-version.ts';
import type { BrokerArguments, RefusedMessage } from './messages.ts';
import { runProcess } from './run-process.ts';

const LOCK_WAIT_MS = 10_000;
const BROKER_HEAP_MIB = 128;

/** Options of `startBroker`. */
export interface BrokerOptions {
  /** The data directory; made if missing. */
  readonly directory: string;
  readonly logger: Logger;
  /** How long to wait for a directory whose last server is dead but whose broker still cleans up. 10 seconds unless told. */
  readonly lockWaitMs?: number;
  /**
   * The broker ended although nobody closed it. The directory is no longer locked and no git process can run: the server has to end.
   */
  readonly onFailure?: (error: Error) => void;
  /**
   * Set where the directory is of no use after this server: how the names of such directories begin, beside which there is nothing else.
   * The broker removes it at its end, however the server ends, and those of servers whose brokers were killed too.
   */
  readonly temporary?: string;
  /** Whether git must be there; true unless told. */
  readonly needsGit?: boolean;
}

/** The broker did not start: its message says why, and names the process that holds the directory if that is the reason. */
export class BrokerRefusedError extends Error {
  readonly inUse: boolean;

  constructor(refused: RefusedMessage) {
    super(refused.message);
    this.name = 'BrokerRefusedError';
    this.inUse = refused.reason === 'in-use';
  }
}

/**
 * Starts the broker. It locks the directory, ends git processes that an earlier server left, removes their lock files, and serves until
 * `close` or until this process ends.
 * @throws BrokerRefusedError
 */
export async function startBroker(options: BrokerOptions): Promise<GitProcesses> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const broker = new Broker(options);
  await broker.ready;
  const problem = options.needsGit === false ? undefined : await problemOfGit(broker);
  if (problem === undefined) return broker;
  await broker.close();
  throw new BrokerRefusedError({ reason: 'failed', message: problem });
}

async function problemOfGit(git: GitProcesses): Promise<string | undefined> {
  try {
    return versionProblem((await git.run({ args: ['--version'] })).stdout.toString());
  } catch (error) {
    if (error instanceof ProcessLostError) return startProblem(error.reason);
    throw error;
  }
}

class Broker implements GitProcesses {
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #socket: FrameSocket;
  readonly #ended: Promise<unknown>;
  readonly #options: BrokerOptions;
  readonly #processes = new Map<number, BrokerProcess>();
  readonly #resolveReady: () => void;
  readonly #rejectReady: (error: Error) => void;
  #nextChannel = 1;
  #state: 'starting' | 'running' | 'closing' | 'over' = 'starting';

  constructor(options: BrokerOptions) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#resolveReady = resolve;
    this.#rejectReady = reject;
    this.#options = options;
    const directory = resolvePath(options.directory);
    const args: BrokerArguments = {
      directory,
      serverPid: process.pid,
      lockWaitMs: options.lockWaitMs ?? LOCK_WAIT_MS,
      ...(options.temporary !== undefined && { temporary: options.temporary }),
    };
    const self = fileURLToPath(import.meta.url);
    const main = fileURLToPath(new URL(`./broker-main${extname(self)}`, import.meta.url));
    this.#child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${BROKER_HEAP_MIB}`, main, JSON.stringify(args)],
      // Git does nothing in a directory that is gone; the one that the server was started in may go at any time.
      { cwd: directory, detached: true, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
    );
    const socket = this.#child.stdio[3] as Socket;
    this.#socket = new FrameSocket(socket, (frame) => this.#receive(frame));
    this.#ended = once(this.#child, 'close');
    this.#ended.catch((error: unknown) => this.#over(`the broker could not be started: ${String(error)}`));
    socket.on('error', (error) => this.#over(`the connection to the broker broke: ${error.message}`));
    socket.on('close', () => this.#over('the broker ended'));
  }

  run(request: RunRequest): Promise<RunResult> {
    return runProcess((open) => this.#start(open, request.input !== undefined), request);
  }

  open(request: OpenRequest): GitProcess {
    return this.#start(request, true);
  }

  allowPushes(ms: number): void {
    this.#socket.sendNumber(FrameKind.allowPushes, 0, Math.floor(ms));
  }

  async endAll(): Promise<void> {
    this.#socket.send(FrameKind.endAll, 0);
    await Promise.all([...this.#processes.values()].map(({ exited }) => exited));
  }

  async close(): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'closing';
      this.#socket.send(FrameKind.shutdown, 0);
    }
    await this.#ended;
  }

  #start(request: OpenRequest, input: boolean): GitProcess {
    if (this.#state !== 'running') return new NotStarted('the broker is stopping');
    const channel = this.#nextChannel;
    this.#nextChannel = channel === 0xffff_ffff ? 1 : channel + 1;
    const process = new BrokerProcess(this.#socket, channel, request, input);
    this.#processes.set(channel, process);
    return process;
  }

  #receive(frame: Frame): void {
    if (frame.channel !== 0) {
      if (this.#processes.get(frame.channel)?.receive(frame)) this.#processes.delete(frame.channel);
    } else if (frame.kind === FrameKind.ready) {
      this.#state = 'running';
      this.#resolveReady();
    } else if (frame.kind === FrameKind.refused) {
      this.#state = 'over';
      this.#rejectReady(new BrokerRefusedError(JSON.parse(frame.payload.toString()) as RefusedMessage));
    }
  }

  #over(reason: string): void {
    const before = this.#state;
    this.#state = 'over';
    for (const process of this.#processes.values()) process.lose(reason);
    this.#processes.clear();
    if (before === 'starting') this.#rejectReady(new BrokerRefusedError({ reason: 'failed', message: reason }));
    if (before !== 'running') return;
    const error = new Error(`${reason} unexpectedly; the server cannot go on without it`);
    this.#options.logger.error({ err: error, directory: this.#options.directory }, 'the broker is gone');
    this.#options.onFailure?.(error);
  }
}

/** A process that was asked for too late. */
class NotStarted implements GitProcess {
  readonly exited: Promise<ProcessExit>;

  constructor(reason: string) {
    this.exited = Promise.resolve({ type: 'lost', reason });
  }

  async write(): Promise<void> {}

  end(): void {}

  kill(): void {}
}

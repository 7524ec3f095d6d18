/**
 * The broker's processes: starts them, moves their bytes with back-pressure, ends them.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { BoundedText } from './bounded-text.ts';
import { Confirmation, type Frame, FrameKind, type FrameSocket, WINDOW_BYTES } from './frames.ts';
import { kill as killProcess } from './marked-processes.ts';
import type { ExitMessage, StartRequest } from './messages.ts';
import { isForbidden } from './system-errors.ts';

const STDERR_BYTES = 64 << 10;

interface Child {
  readonly process: ChildProcess;
  readonly pushes: boolean;
  /** Of what has come for its standard input. */
  readonly consumed: Confirmation;
  unconfirmedOutput: number;
  /** Whether it was ended from here: what it still writes is not waited for. */
  isKilled: boolean;
}

/** Processes by channel. */
export class ChildTable {
  readonly #children = new Map<number, Child>();
  readonly #environment: (request: StartRequest) => Record<string, string>;
  #socket: FrameSocket | undefined;
  #closed = false;
  #pushesEnded = false;
  #pushLimit: NodeJS.Timeout | undefined;

  constructor(environment: (request: StartRequest) => Record<string, string>) {
    this.#environment = environment;
  }

  /** Where output goes. */
  attach(socket: FrameSocket): void {
    this.#socket = socket;
  }

  /** Handles one frame of a process's channel. */
  receive(frame: Frame): void {
    if (frame.kind === FrameKind.start) {
      this.#start(frame.channel, JSON.parse(frame.payload.toString()) as StartRequest);
      return;
    }
    const child = this.#children.get(frame.channel);
    if (child === undefined) return;
    if (frame.kind === FrameKind.input) write(child, Buffer.from(frame.payload));
    else if (frame.kind === FrameKind.inputEnd) child.process.stdin?.end();
    else if (frame.kind === FrameKind.kill) kill(child);
    else if (frame.kind === FrameKind.outputCredit) confirmOutput(child, frame.payload.readUInt32BE(0));
  }

  /** Ends processes that change a remote after so many milliseconds, and starts no more of them then. */
  allowPushes(ms: number): void {
    clearTimeout(this.#pushLimit);
    this.#pushesEnded = false;
    this.#pushLimit = setTimeout(() => {
      this.#pushesEnded = true;
      for (const child of this.#children.values()) if (child.pushes) kill(child);
    }, ms);
    this.#pushLimit.unref();
  }

  /** Ends all processes with their groups; none can be started any more. */
  killAll(): void {
    this.#closed = true;
    for (const child of this.#children.values()) kill(child);
  }

  #start(channel: number, request: StartRequest): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      this.#exit(channel, { code: null, signal: null, stderr: '', startError: refusal });
      return;
    }
    let started: ChildProcess;
    try {
      started = spawn(request.program?.file ?? 'git', [...request.args], {
        cwd: request.cwd,
        env: this.#environment(request),
        detached: true,
        stdio: [request.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      // Arguments that are too long, for example: some failures are thrown, others come as events.
      const startError = error instanceof Error ? error.message : String(error);
      this.#exit(channel, { code: null, signal: null, stderr: '', startError });
      return;
    }
    if (request.background === true) yieldToOthers(started);
    this.#follow(channel, started, request);
  }

  #refusal({ pushes }: StartRequest): string | undefined {
    if (this.#closed) return 'the server is stopping';
    return pushes === true && this.#pushesEnded ? 'the server is cut off from the database it shares' : undefined;
  }

  #follow(channel: number, started: ChildProcess, { pushes = false, program }: StartRequest): void {
    const consumed = new Confirmation((bytes) => this.#socket?.sendNumber(FrameKind.inputCredit, channel, bytes));
    const child: Child = { process: started, pushes, consumed, unconfirmedOutput: 0, isKilled: false };
    const stderr = new BoundedText(STDERR_BYTES);
    let startError: string | undefined;
    this.#children.set(channel, child);
    if (started.pid !== undefined) this.#socket?.sendNumber(FrameKind.started, channel, started.pid);
    started.stdout?.on('data', (chunk: Buffer) => this.#output(channel, child, chunk));
    started.stderr?.on('data', (chunk: Buffer) => stderr.append(chunk));
    // A process that ends before it has read all of its input is judged by its exit status, not by the broken pipe.
    started.stdin?.on('error', () => started.stdin?.destroy());
    started.on('error', (error) => {
      startError = error.message;
    });
    started.on('exit', () => {
      if (child.isKilled) letGoOfOutput(started);
      // Git knows what it leaves behind; of another program nothing is to outlive it, or to keep its output open.
      else if (program !== undefined) killGroup(started);
    });
    started.on('close', (code, signal) => {
      this.#children.delete(channel);
      this.#exit(channel, {
        code: startError === undefined ? code : null,
        signal,
        stderr: stderr.toString(),
        ...(startError === undefined ? {} : { startError }),
      });
    });
  }

  #output(channel: number, child: Child, chunk: Buffer): void {
    this.#socket?.send(FrameKind.output, channel, chunk);
    child.unconfirmedOutput += chunk.length;
    if (child.unconfirmedOutput >= WINDOW_BYTES) child.process.stdout?.pause();
  }

  #exit(channel: number, message: ExitMessage): void {
    this.#socket?.sendJson(FrameKind.exit, channel, message);
  }
}

function write({ process, consumed }: Child, bytes: Buffer): void {
  const confirm = () => consumed.add(bytes.length);
  if (process.stdin?.writable) process.stdin.write(bytes, confirm);
  else confirm();
}

function confirmOutput(child: Child, bytes: number): void {
  child.unconfirmedOutput -= bytes;
  if (child.unconfirmedOutput < WINDOW_BYTES && child.process.stdout?.isPaused()) child.process.stdout.resume();
}

/** What it starts itself from then on is treated like it. */
function yieldToOthers({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It may have ended, or the machine may know nothing of the kind.
  }
}

function kill(child: Child): void {
  child.isKilled = true;
  killGroup(child.process);
  if (child.process.exitCode !== null || child.process.signalCode !== null) letGoOfOutput(child.process);
}

/** A process that has left the group, and was not ended with it, may hold the streams for as long as it likes. */
function letGoOfOutput(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    killProcess(-pid);
  } catch (error) {
    // What is left of the group has become another user's, or is about to be gone.
    if (!isForbidden(error)) throw error;
  }
}

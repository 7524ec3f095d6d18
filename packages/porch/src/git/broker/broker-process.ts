/**
 * One process of the broker, seen from the server: input with back-pressure, output with confirmation, one exit.
 */

import { Confirmation, type Frame, FrameKind, type FrameSocket, WINDOW_BYTES } from './frames.ts';
import type { GitProcess, OpenRequest, ProcessExit } from './git-processes.ts';
import { kill } from './marked-processes.ts';
import type { ExitMessage, StartRequest } from './messages.ts';

const CHUNK_BYTES = 64 << 10;

/** A channel of the broker's socket. */
export class BrokerProcess implements GitProcess {
  readonly exited: Promise<ProcessExit>;
  readonly #socket: FrameSocket;
  readonly #channel: number;
  readonly #onOutput: OpenRequest['onOutput'];
  readonly #program: string;
  readonly #resolveExit: (exit: ProcessExit) => void;
  readonly #writers: (() => void)[] = [];
  readonly #consumed: Confirmation;
  #unconfirmedInput = 0;
  #pid: number | undefined;
  #over = false;

  constructor(socket: FrameSocket, channel: number, request: OpenRequest, input: boolean) {
    const { promise, resolve } = Promise.withResolvers<ProcessExit>();
    this.exited = promise;
    this.#resolveExit = resolve;
    this.#socket = socket;
    this.#channel = channel;
    this.#consumed = new Confirmation((bytes) => socket.sendNumber(FrameKind.outputCredit, channel, bytes));
    this.#onOutput = request.onOutput;
    this.#program = request.program?.file ?? 'git';
    const start: StartRequest = {
      args: request.args,
      input,
      ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
      ...(request.env === undefined ? {} : { env: request.env }),
      ...(request.settings === undefined ? {} : { settings: request.settings }),
      ...(request.program === undefined ? {} : { program: request.program }),
      ...(request.pushes === true ? { pushes: true } : {}),
      ...(request.background === true ? { background: true } : {}),
    };
    socket.sendJson(FrameKind.start, channel, start);
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length && !this.#over; start += CHUNK_BYTES) {
      const chunk = bytes.subarray(start, start + CHUNK_BYTES);
      this.#unconfirmedInput += chunk.length;
      this.#socket.send(FrameKind.input, this.#channel, chunk);
      while (this.#unconfirmedInput >= WINDOW_BYTES && !this.#over) {
        await new Promise<void>((resolve) => this.#writers.push(resolve));
      }
    }
  }

  end(): void {
    if (!this.#over) this.#socket.send(FrameKind.inputEnd, this.#channel);
  }

  kill(): void {
    if (!this.#over) this.#socket.send(FrameKind.kill, this.#channel);
  }

  /** Handles a frame of this channel; true when it was the last one. */
  receive(frame: Frame): boolean {
    if (frame.kind === FrameKind.output) this.#output(frame.payload);
    else if (frame.kind === FrameKind.started) this.#pid = frame.payload.readUInt32BE(0);
    else if (frame.kind === FrameKind.inputCredit) {
      this.#unconfirmedInput -= frame.payload.readUInt32BE(0);
      if (this.#unconfirmedInput < WINDOW_BYTES) this.#wakeWriters();
    } else if (frame.kind === FrameKind.exit) {
      this.#finish(exitOf(JSON.parse(frame.payload.toString()) as ExitMessage, this.#program));
      return true;
    }
    return false;
  }

  /** The broker is gone without having ended its processes: ends this one from here. */
  lose(reason: string): void {
    if (this.#pid !== undefined) kill(-this.#pid);
    this.#finish({ type: 'lost', reason });
  }

  #output(payload: Buffer): void {
    const bytes = payload.length;
    const confirm = () => this.#consumed.add(bytes);
    const taken = this.#onOutput(payload);
    if (taken === undefined) confirm();
    else taken.then(confirm, confirm);
  }

  #finish(exit: ProcessExit): void {
    this.#over = true;
    this.#wakeWriters();
    this.#resolveExit(exit);
  }

  #wakeWriters(): void {
    for (const wake of this.#writers.splice(0)) wake();
  }
}

function exitOf(message: ExitMessage, program: string): ProcessExit {
  if (message.startError !== undefined) {
    return { type: 'lost', reason: `${program} could not be started: ${message.startError}` };
  }
  return { type: 'exited', code: message.code, signal: message.signal, stderr: message.stderr };
}

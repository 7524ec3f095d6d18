/**
 * The frames between the server and its broker: a header of nine bytes (payload length, kind, channel) and the payload. Channel 0 is
 * the broker itself; every other channel is one process.
 */

import type { Duplex } from 'node:stream';

/** What a frame means. The direction of each kind is fixed. */
export const FrameKind = {
  /** To the broker: start a process. Payload: JSON `StartRequest`. */
  start: 1,
  /** To the broker: bytes for standard input. */
  input: 2,
  /** To the broker: standard input ends. */
  inputEnd: 3,
  /** To the broker: end the process and its descendants at once. */
  kill: 4,
  /** To the broker: so many bytes of output were consumed (uint32). */
  outputCredit: 5,
  /** To the broker, channel 0: end everything and let go of the directory. */
  shutdown: 6,
  /** To the broker, channel 0: for so many milliseconds from now (uint32) processes may run that change a remote. */
  allowPushes: 7,
  /** To the broker, channel 0: end all processes, and start no more. */
  endAll: 8,
  /** From the broker, channel 0: the directory is ours, and processes may be asked for. */
  ready: 16,
  /** From the broker, channel 0: it could not start. Payload: JSON `RefusedMessage`. */
  refused: 17,
  /** From the broker: the process runs. Payload: its process id (uint32). */
  started: 18,
  /** From the broker: bytes of standard output. */
  output: 19,
  /** From the broker: so many bytes of input were taken by the process (uint32). */
  inputCredit: 20,
  /** From the broker: the process ended and all its output was sent. Payload: JSON `ExitMessage`. */
  exit: 21,
} as const;

/** Value of one frame kind. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Bytes that may be under way on one channel in one direction before their consumption is confirmed. */
export const WINDOW_BYTES = 1 << 20;

/** Bytes that are consumed before that is said: each confirmation wakes the other side. */
const CONFIRMED_BYTES = WINDOW_BYTES >> 3;

const HEADER_BYTES = 9;
const MAX_PAYLOAD_BYTES = 16 << 20;

/** A received frame. The payload is a view of the bytes read: copy what is kept. */
export interface Frame {
  readonly kind: number;
  readonly channel: number;
  readonly payload: Buffer;
}

/** Confirms the consumption of what has come on one channel, many bytes at once. Less than an eighth of the window stays unconfirmed. */
export class Confirmation {
  readonly #send: (bytes: number) => void;
  #bytes = 0;

  constructor(send: (bytes: number) => void) {
    this.#send = send;
  }

  /** Notes that so many bytes more were consumed. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < CONFIRMED_BYTES) return;
    this.#send(this.#bytes);
    this.#bytes = 0;
  }
}

/** How long frames are handled before others have their turn, in milliseconds: a socket may have megabytes to give at once. */
const TURN_MS = 5;

/** Sends and receives frames over one socket; frames of one turn of the event loop leave together. */
export class FrameSocket {
  readonly #socket: Duplex;
  /** When handling began in this turn of the event loop. */
  #turnBegan: number | undefined;
  #corked = false;
  #pending: Buffer = Buffer.alloc(0);

  constructor(socket: Duplex, onFrame: (frame: Frame) => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      const began = this.#beginTurn();
      this.#receive(chunk, onFrame);
      if (performance.now() - began >= TURN_MS) socket.pause();
    });
  }

  /** Sends one frame. Sending after the socket closed does nothing: whoever closed it has ended the channels. */
  send(kind: FrameKind, channel: number, payload?: Uint8Array): void {
    if (!this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    const length = payload?.length ?? 0;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32BE(length, 0);
    header.writeUInt8(kind, 4);
    header.writeUInt32BE(channel, 5);
    this.#socket.write(header);
    if (payload !== undefined && length > 0) this.#socket.write(payload);
  }

  /** Sends a JSON payload. */
  sendJson(kind: FrameKind, channel: number, value: unknown): void {
    this.send(kind, channel, Buffer.from(JSON.stringify(value)));
  }

  /** Sends a number as payload. */
  sendNumber(kind: FrameKind, channel: number, value: number): void {
    const payload = Buffer.allocUnsafe(4);
    payload.writeUInt32BE(value);
    this.send(kind, channel, payload);
  }

  #beginTurn(): number {
    if (this.#turnBegan === undefined) {
      this.#turnBegan = performance.now();
      setImmediate(() => {
        this.#turnBegan = undefined;
        this.#socket.resume();
      });
    }
    return this.#turnBegan;
  }

  #receive(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (bytes.length >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(0);
      if (length > MAX_PAYLOAD_BYTES) {
        this.#socket.destroy(new Error(`a frame of ${length} bytes is not one of ours`));
        return;
      }
      const end = HEADER_BYTES + length;
      if (bytes.length < end) break;
      onFrame({ kind: bytes.readUInt8(4), channel: bytes.readUInt32BE(5), payload: bytes.subarray(HEADER_BYTES, end) });
      bytes = bytes.subarray(end);
    }
    this.#pending = bytes;
  }
}

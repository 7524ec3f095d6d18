import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpResponse } from '../exchange.ts';
import { ControlFrames, closeCodes, closeFrame, encodeFrame, FrameError, opcodes } from './frames.ts';
import { acceptOf, protocolOf } from './handshake.ts';

const lineFeed = 0x0a;

/**
 * The answer to a request for a watch as a WebSocket. With status 200 the connection becomes one, and each line is a text message; with
 * any other it is an ordinary answer, after which the connection ends.
 */
export class SocketResponse implements HttpResponse {
  statusCode = 200;
  headersSent = false;
  writableEnded = false;
  readonly #request: IncomingMessage;
  readonly #socket: Duplex;
  readonly #headers = new Map<string, readonly string[]>();
  readonly #control = new ControlFrames();
  #isSocket = false;
  /** What the last ping said that is not answered yet. */
  #owed: Buffer | undefined;

  constructor(request: IncomingMessage, socket: Duplex) {
    this.#request = request;
    this.#socket = socket;
    socket.on('error', () => undefined); // followed by close, which is what counts
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  setHeader(name: string, value: string | readonly string[]): void {
    this.#headers.set(name.toLowerCase(), typeof value === 'string' ? [value] : value);
  }

  flushHeaders(): void {
    if (this.headersSent) return;
    this.headersSent = true;
    this.#isSocket = this.statusCode === 200;
    const lines = this.#isSocket ? this.#socketHead() : this.#ordinaryHead();
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    if (this.#isSocket) this.#listen();
  }

  write(chunk: Uint8Array): boolean {
    this.flushHeaders();
    return this.#socket.write(this.#isSocket ? messages(chunk) : chunk);
  }

  end(chunk?: Uint8Array): void {
    if (this.writableEnded) return;
    this.flushHeaders();
    if (chunk !== undefined && chunk.length > 0) this.write(chunk);
    this.#close(closeCodes.normal);
  }

  on(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): void {
    this.#socket.on(event, listener);
  }

  once(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): void {
    this.#socket.once(event, listener);
  }

  off(event: 'drain' | 'close' | 'error', listener: (error?: Error) => void): void {
    this.#socket.off(event, listener);
  }

  #socketHead(): string[] {
    const { headers } = this.#request;
    const protocol = protocolOf(headers);
    this.#headers.delete('content-type');
    return [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptOf(headers['sec-websocket-key'] ?? '')}`,
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
      ...this.#headerLines(),
    ];
  }

  #ordinaryHead(): string[] {
    const status = `HTTP/1.1 ${this.statusCode} ${STATUS_CODES[this.statusCode] ?? ''}`;
    return [status, ...this.#headerLines(), 'Connection: close'];
  }

  #headerLines(): string[] {
    return [...this.#headers].flatMap(([name, values]) => values.map((value) => `${name}: ${value}`));
  }

  /** Answers to what the client says of the connection, until it leaves. */
  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        for (const { opcode, payload } of this.#control.read(chunk)) {
          if (opcode === opcodes.ping) this.#pong(payload);
          if (opcode === opcodes.close) this.#leave();
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.#close(closeCodes.protocolError);
        this.#leave();
      }
    });
    this.#socket.on('drain', () => {
      if (this.#owed !== undefined) this.#pong(this.#owed);
    });
    this.#socket.on('end', () => this.#leave());
  }

  /** A client that takes nothing gets an answer to its last ping only, when it does (RFC 6455, section 5.5.3): they must not pile up. */
  #pong(payload: Buffer): void {
    if (this.#socket.writableEnded) return;
    this.#owed = this.#socket.writableNeedDrain ? payload : undefined;
    if (this.#owed === undefined) this.#socket.write(encodeFrame(opcodes.pong, payload));
  }

  #close(code: number): void {
    this.writableEnded = true;
    if (this.#isSocket) this.#socket.write(closeFrame(code));
    this.#socket.end();
  }

  /** The client has left: for the request this is as if the connection had broken. */
  #leave(): void {
    if (!this.#socket.writableEnded) this.#socket.write(closeFrame(closeCodes.normal));
    this.#socket.end(() => this.#socket.destroy());
  }
}

/** Lines as text messages, in the order they come. */
function messages(chunk: Uint8Array): Buffer {
  const frames: Buffer[] = [];
  for (let start = 0; start < chunk.length; ) {
    const found = chunk.indexOf(lineFeed, start);
    const end = found < 0 ? chunk.length : found;
    frames.push(encodeFrame(opcodes.text, chunk.subarray(start, end)));
    start = end + 1;
  }
  return Buffer.concat(frames);
}

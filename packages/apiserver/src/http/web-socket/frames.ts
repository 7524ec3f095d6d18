/** Kinds of frames that this server sends or heeds (RFC 6455, section 11.8). */
export const opcodes = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Why a connection is closed (RFC 6455, section 7.4.1). */
export const closeCodes = { normal: 1000, protocolError: 1002 } as const;

const finalFrame = 0x80;
const masked = 0x80;
const longestControl = 125;

/** A whole message in one frame, as servers send it: not masked. */
export function encodeFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  let head: Buffer;
  if (length <= longestControl) head = Buffer.from([finalFrame | opcode, length]);
  else if (length < 0x10000) {
    head = Buffer.from([finalFrame | opcode, 126, 0, 0]);
    head.writeUInt16BE(length, 2);
  } else {
    head = Buffer.alloc(10);
    head[0] = finalFrame | opcode;
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

/** The frame that closes a connection. */
export function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return encodeFrame(opcodes.close, payload);
}

/** A frame of the client that says something about the connection. */
export interface ControlFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** What the client sends is not what RFC 6455 allows. */
export class FrameError extends Error {}

/**
 * Length of a frame's head, and of its payload; undefined while too little of it has come.
 * @throws FrameError
 */
function measure(bytes: Buffer): { readonly head: number; readonly length: number } | undefined {
  if (bytes.length < 2) return undefined;
  if ((bytes.readUInt8(1) & masked) === 0) throw new FrameError('frames of clients must be masked');
  const short = bytes.readUInt8(1) & 0x7f;
  const extra = short === 127 ? 8 : short === 126 ? 2 : 0;
  if (bytes.length < 2 + extra + 4) return undefined;
  const length = extra === 8 ? Number(bytes.readBigUInt64BE(2)) : extra === 2 ? bytes.readUInt16BE(2) : short;
  return { head: 2 + extra + 4, length };
}

/** Reads the frames of a client that has nothing to say: control frames are given back, all others are let pass. */
export class ControlFrames {
  #rest: Buffer = Buffer.alloc(0);
  #skip = 0;

  /** @throws FrameError */
  read(chunk: Buffer): ControlFrame[] {
    const found: ControlFrame[] = [];
    let bytes = this.#skip > 0 || this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      this.#rest = bytes;
      const size = measure(bytes);
      if (size === undefined) return found;
      const opcode = bytes.readUInt8(0) & 0x0f;
      const isControl = (opcode & 0x8) !== 0;
      if (!isControl) {
        this.#skip = size.head + size.length;
        continue;
      }
      if (size.length > longestControl || (bytes.readUInt8(0) & finalFrame) === 0) {
        throw new FrameError('control frames must be short and whole');
      }
      if (bytes.length < size.head + size.length) return found;
      const mask = bytes.subarray(size.head - 4, size.head);
      const payload = Buffer.from(bytes.subarray(size.head, size.head + size.length));
      for (let at = 0; at < payload.length; at++) payload[at] = payload.readUInt8(at) ^ mask.readUInt8(at % 4);
      found.push({ opcode, payload });
      this.#skip = size.head + size.length;
    }
  }
}

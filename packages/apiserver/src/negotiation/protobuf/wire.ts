/** One field of a protobuf message, undecoded. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/** Bytes that are no protobuf message. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WireError';
  }
}

/** Reads a variable-length integer; returns it and the position after it. */
function readVarint(bytes: Buffer, start: number): readonly [bigint, number] {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw new WireError('the message ends in the middle of a number');
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return [BigInt.asUintN(64, value), start + index + 1];
  }
  throw new WireError('a number is longer than ten bytes');
}

function slice(bytes: Buffer, start: number, length: number): Buffer {
  if (length > bytes.length - start) throw new WireError('a field is longer than the message that holds it');
  return bytes.subarray(start, start + length);
}

/** The fields of a message, in order. Groups, which Kubernetes never uses, are refused. */
export function* readFields(bytes: Buffer): Generator<WireField> {
  let at = 0;
  while (at < bytes.length) {
    const [tag, afterTag] = readVarint(bytes, at);
    const number = Number(tag >> 3n);
    if (number === 0) throw new WireError('a field has the number 0');
    const wireType = Number(tag & 7n);
    if (wireType === 0) {
      const [value, next] = readVarint(bytes, afterTag);
      yield { number, value };
      at = next;
    } else if (wireType === 2) {
      const [length, start] = readVarint(bytes, afterTag);
      if (length > BigInt(bytes.length)) throw new WireError('a field is longer than the message that holds it');
      yield { number, value: slice(bytes, start, Number(length)) };
      at = start + Number(length);
    } else if (wireType === 1 || wireType === 5) {
      const length = wireType === 1 ? 8 : 4;
      yield { number, value: slice(bytes, afterTag, length) };
      at = afterTag + length;
    } else {
      throw new WireError(`a field has the unknown wire type ${wireType}`);
    }
  }
}

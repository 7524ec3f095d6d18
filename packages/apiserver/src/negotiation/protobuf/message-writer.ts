const [varint, fixed64, lengthDelimited] = [0, 1, 2];

function encodeVarint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

/**
 * Writes a protobuf message field by field, in the order of the calls (https://protobuf.dev/programming-guides/encoding). As in proto3,
 * what is absent, empty, zero or false is left out; a message is written though it is empty.
 */
export class MessageWriter {
  readonly #parts: Buffer[] = [];

  text(number: number, value: string | undefined): this {
    return value === undefined || value === '' ? this : this.#bytes(number, Buffer.from(value));
  }

  texts(number: number, values: readonly string[] | undefined): this {
    for (const value of values ?? []) this.#bytes(number, Buffer.from(value));
    return this;
  }

  flag(number: number, value: boolean | undefined): this {
    return value === true ? this.#number(number, 1n) : this;
  }

  integer(number: number, value: number | undefined): this {
    return value === undefined || value === 0 ? this : this.#number(number, BigInt(value));
  }

  double(number: number, value: number | undefined): this {
    if (value === undefined || value === 0) return this;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#parts.push(encodeVarint(BigInt((number << 3) | fixed64)), bytes);
    return this;
  }

  message(number: number, value: MessageWriter | undefined): this {
    return value === undefined ? this : this.#bytes(number, value.bytes());
  }

  messages(number: number, values: Iterable<MessageWriter>): this {
    for (const value of values) this.message(number, value);
    return this;
  }

  /** The message. */
  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #number(number: number, value: bigint): this {
    this.#parts.push(encodeVarint(BigInt((number << 3) | varint)), encodeVarint(value));
    return this;
  }

  #bytes(number: number, value: Buffer): this {
    this.#parts.push(encodeVarint(BigInt((number << 3) | lengthDelimited)), encodeVarint(BigInt(value.length)), value);
    return this;
  }
}

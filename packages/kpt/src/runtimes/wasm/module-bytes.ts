/** A module is not one, or asks for more than it may have. */
export class ModuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ModuleError';
  }
}

/** Unsigned LEB128. */
export function encode(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return bytes;
}

/** How large something may become: <https://webassembly.github.io/spec/core/binary/types.html#limits>. */
export interface Limits {
  readonly least: number;
  /** Undefined where the module names no limit. */
  readonly most: number | undefined;
}

/** Reads the binary form of a module. All methods throw a ModuleError where the bytes end. */
export class ModuleReader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.position = position;
  }

  get isAtEnd(): boolean {
    return this.position >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.position];
    if (byte === undefined) throw new ModuleError('it is cut off');
    this.position += 1;
    return byte;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new ModuleError('it holds a number that is too long');
  }

  bytes(count: number): Uint8Array {
    if (this.position + count > this.#bytes.length) throw new ModuleError('it is cut off');
    this.position += count;
    return this.#bytes.subarray(this.position - count, this.position);
  }

  /** Limits of what has addresses of 32 bits and is not shared; `what` is it that has them. */
  limits(what: string): Limits {
    const flags = this.byte();
    if (flags > 1) throw new ModuleError(`its ${what} is shared or of 64 bits, which is not supported`);
    const least = this.number();
    return { least, most: flags === 1 ? this.number() : undefined };
  }

  /** The type of a value: a byte, or one and which type of object is referred to. */
  valueType(): Uint8Array {
    const begin = this.position;
    if (referenceTypes.includes(this.byte())) this.number();
    return this.#bytes.subarray(begin, this.position);
  }
}

/** What types of references begin with that are not a byte only. */
const referenceTypes: readonly number[] = [0x63, 0x64];

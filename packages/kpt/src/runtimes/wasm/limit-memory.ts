/** A module is not one, or asks for more memory than it may have. */
export class ModuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ModuleError';
  }
}

const pageBytes = 65536;
/** What addresses of 32 bits reach; a module that says more is none. */
const addressablePages = 65536;
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const memorySection = 5;
const importSection = 2;

/**
 * The same WebAssembly module, with the most that its memory may grow to: engines have no limit of their own for that. See
 * <https://webassembly.github.io/spec/core/binary/modules.html#memory-section>.
 *
 * @throws ModuleError where it is no module, imports its memory, has several, or needs more from the start
 */
export function limitMemory(module: Uint8Array, mostBytes: number): Uint8Array<ArrayBuffer> {
  if (!header.every((byte, index) => module[index] === byte)) throw new ModuleError('it is no WebAssembly module');
  const mostPages = Math.min(Math.floor(mostBytes / pageBytes), addressablePages);
  const parts: Uint8Array[] = [module.subarray(0, header.length)];
  const reader = new Reader(module, header.length);
  while (!reader.isAtEnd) {
    const begin = reader.position;
    const id = reader.byte();
    const size = reader.number();
    const content = reader.bytes(size);
    if (id === importSection) refuseImportedMemory(content);
    parts.push(id === memorySection ? limitedSection(content, mostPages) : module.subarray(begin, reader.position));
  }
  return new Uint8Array(Buffer.concat(parts));
}

function limitedSection(content: Uint8Array, mostPages: number): Uint8Array {
  const reader = new Reader(content, 0);
  const count = reader.number();
  if (count > 1) throw new ModuleError(`it has ${count} memories, which is not supported: give it one`);
  const entries: number[] = [...encode(count)];
  for (let index = 0; index < count; index += 1) {
    const flags = reader.byte();
    if (flags > 1) throw new ModuleError('its memory is shared or of 64 bits, which is not supported');
    const least = reader.number();
    const most = flags === 1 ? reader.number() : mostPages;
    if (least > mostPages) throw new ModuleError(`it needs ${least * pageBytes} bytes of memory from the start`);
    entries.push(1, ...encode(least), ...encode(Math.min(most, mostPages)));
  }
  return Uint8Array.from([memorySection, ...encode(entries.length), ...entries]);
}

function refuseImportedMemory(content: Uint8Array): void {
  const reader = new Reader(content, 0);
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.bytes(reader.number());
    reader.bytes(reader.number());
    const kind = reader.byte();
    if (kind === 0) reader.number();
    else if (kind === 2) throw new ModuleError('it imports its memory, which is not supported');
    else throw new ModuleError('it imports something else than functions, which is not supported');
  }
}

/** Unsigned LEB128. */
function encode(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return bytes;
}

class Reader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
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
}

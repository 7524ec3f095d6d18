/**
 * Decompresses small zlib streams that stand one behind the other in a larger buffer: the objects of a pack (RFC 1950 and RFC 1951).
 * `node:zlib` makes an object of some kilobytes for each, which takes longer than all that it is made for where there are thousands, and
 * libraries in JavaScript take longer still, or do not tell where a stream ends.
 */

const LONGEST_CODE = 15;
const LITERALS = 288;
const DISTANCES = 32;
const END_OF_BLOCK = 256;
/** Of the symbols that lengths of words are written with, the first three that repeat something. */
const REPEAT_LAST = 16;
const HEADER_BYTES = 2;
const CHECKSUM_BYTES = 4;
/** Bits of an entry of a table that say how long its code is; the others are its symbol. */
const LENGTH_BITS = 4;
const LENGTH_MASK = (1 << LENGTH_BITS) - 1;

/** Lengths of copies, by symbol beyond the end of a block: the least, and how many bits say how much more. */
const lengthBase = Uint16Array.of(
  ...[
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
  ],
);
const lengthBits = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0],
);
/** The same of distances: two for each number of bits, but for the first four. */
const distanceBits = Uint8Array.from({ length: 30 }, (_, symbol) => Math.max(0, (symbol >> 1) - 1));
const distanceBase = Uint16Array.from({ length: 30 }, (_, symbol) =>
  symbol < 2 ? symbol + 1 : ((2 + (symbol & 1)) << Math.max(0, (symbol >> 1) - 1)) + 1,
);
/** In which order the lengths of the codes stand that the lengths of other codes are written in. */
const orderOfLengths = Uint8Array.of(...[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Eight bits the other way round. */
const reversedByte = Uint8Array.from({ length: 256 }, (_, byte) => {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
});

/** A word of so many bits, at most 16, the other way round. */
function reversed(word: number, length: number): number {
  return (((reversedByte[word & 255] as number) << 8) | (reversedByte[word >> 8] as number)) >> (16 - length);
}

/** A code: what the next bits mean, as many as the longest of its words has. */
class CodeTable {
  readonly entries: Uint16Array;
  mask = 0;

  constructor(longest = LONGEST_CODE) {
    this.entries = new Uint16Array(1 << longest);
  }

  /** Makes the code with words of these lengths, by symbol; 0 for symbols without one. Returns false where there is none. */
  make(lengths: Uint8Array, from: number, to: number): boolean {
    counts.fill(0);
    let longest = 0;
    for (let at = from; at < to; at++) {
      const length = lengths[at] as number;
      counts[length] = (counts[length] as number) + 1;
      if (length > longest) longest = length;
    }
    counts[0] = 0;
    let word = 0;
    for (let length = 1; length <= longest; length++) {
      word = (word + (counts[length - 1] as number)) << 1;
      if (word + (counts[length] as number) > 1 << length) return false;
      nextWord[length] = word;
    }
    const size = 1 << longest;
    const { entries } = this;
    this.mask = size - 1;
    entries.fill(0, 0, size);
    for (let at = from; at < to; at++) {
      const length = lengths[at] as number;
      if (length === 0) continue;
      const own = nextWord[length] as number;
      nextWord[length] = own + 1;
      const entry = ((at - from) << LENGTH_BITS) | length;
      const step = 1 << length;
      for (let bits = reversed(own, length); bits < size; bits += step) {
        entries[bits] = entry;
      }
    }
    return true;
  }
}

const counts = new Uint16Array(LONGEST_CODE + 1);
const nextWord = new Uint16Array(LONGEST_CODE + 1);

const fixedLiterals = new CodeTable(9);
const fixedDistances = new CodeTable(5);
fixedLiterals.make(new Uint8Array(LITERALS).fill(8).fill(9, 144, 256).fill(7, 256, 280), 0, LITERALS);
fixedDistances.make(new Uint8Array(DISTANCES).fill(5), 0, DISTANCES);

/** Why there are no contents: the end of the stream is not there yet, or there is none of this size. */
export type NotInflated = 'incomplete' | 'invalid';

/** Decompresses streams of a bounded size, one at a time. Checksums are not looked at: whoever uses it knows what should come out. */
export class Inflater {
  readonly #output: Buffer;
  readonly #room: number;
  readonly #literals = new CodeTable();
  readonly #distances = new CodeTable();
  readonly #lengthCode = new CodeTable(7);
  readonly #lengths = new Uint8Array(LITERALS + DISTANCES);
  #bytes: Uint8Array = new Uint8Array();
  /** The next byte, and bits of those before it that are not used yet, the next one lowest. */
  #at = 0;
  #bits = 0;
  #held = 0;

  /** `most`: bytes of the largest contents. `room`: of what its user writes before them. */
  constructor(most: number, room = 0) {
    this.#room = room;
    this.#output = Buffer.alloc(room + most);
  }

  /** Decompresses the stream at a place. Returns where what comes after it begins; its contents are in `output`. */
  inflate(bytes: Uint8Array, at: number, size: number): number | NotInflated {
    this.#bytes = bytes;
    this.#at = at + HEADER_BYTES;
    this.#bits = 0;
    this.#held = 0;
    if (this.#at > bytes.length) return 'incomplete';
    const [method, flags] = [bytes[at] as number, bytes[at + 1] as number];
    if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0 || (flags & 32) !== 0) return 'invalid';
    const whole = this.#room + size;
    if (whole > this.#output.length) return 'invalid';
    let written = this.#room;
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const after = this.#block(this.#take(2), written, whole);
      // Beyond the end everything is zero: what came of it means nothing.
      if (this.#position > bytes.length) return 'incomplete';
      if (after === undefined) return 'invalid';
      written = after;
    }
    if (written !== whole) return 'invalid';
    const end = this.#position + CHECKSUM_BYTES;
    return end > bytes.length ? 'incomplete' : end;
  }

  /** So many bytes of the room, and after them the contents of the stream that was decompressed last, until the next one is. */
  output(size: number, room = 0): Buffer {
    return this.#output.subarray(this.#room - room, this.#room + size);
  }

  /** The first byte of which no bit is used. */
  get #position(): number {
    return this.#at - (this.#held >> 3);
  }

  #take(count: number): number {
    while (this.#held < count) {
      this.#bits |= (this.#bytes[this.#at++] ?? 0) << this.#held;
      this.#held += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#held -= count;
    return value;
  }

  /** Decompresses one block. Returns up to where is written after it, of `whole` in the end; undefined where that makes no sense. */
  #block(type: number, written: number, whole: number): number | undefined {
    if (type === 0) return this.#stored(written, whole);
    if (type === 1) return this.#compressed(fixedLiterals, fixedDistances, written, whole);
    if (type === 2 && this.#readCodes()) return this.#compressed(this.#literals, this.#distances, written, whole);
    return undefined;
  }

  #stored(written: number, whole: number): number | undefined {
    this.#at = this.#position;
    this.#bits = 0;
    this.#held = 0;
    const length = this.#take(16);
    const inverted = this.#take(16);
    if (length !== (inverted ^ 0xffff) || written + length > whole) return undefined;
    this.#output.set(this.#bytes.subarray(this.#at, this.#at + length), written);
    this.#at += length;
    return written + length;
  }

  /** Reads the codes of a block that has its own. */
  #readCodes(): boolean {
    const literals = this.#take(5) + 257;
    const total = literals + this.#take(5) + 1;
    const ofLengths = this.#take(4) + 4;
    const lengths = this.#lengths;
    lengths.fill(0, 0, orderOfLengths.length);
    for (let index = 0; index < ofLengths; index++) lengths[orderOfLengths[index] as number] = this.#take(3);
    if (literals > LITERALS || !this.#lengthCode.make(lengths, 0, orderOfLengths.length)) return false;
    if (this.#readLengths(total) !== total) return false;
    return this.#literals.make(lengths, 0, literals) && this.#distances.make(lengths, literals, total);
  }

  /**
   * Reads the lengths of so many words, in variables of its own as `#compressed` does: in small streams there are nearly as many as symbols.
   * Returns how many there are before something that makes no sense.
   */
  #readLengths(total: number): number {
    const [bytes, lengths] = [this.#bytes, this.#lengths];
    const { entries, mask } = this.#lengthCode;
    let [at, bits, held] = [this.#at, this.#bits, this.#held];
    let read = 0;
    while (read < total) {
      // A symbol, and how often it is repeated.
      while (held < LONGEST_CODE) {
        bits |= (bytes[at++] ?? 0) << held;
        held += 8;
      }
      const entry = entries[bits & mask] as number;
      const symbol = entry >> LENGTH_BITS;
      bits >>>= entry & LENGTH_MASK;
      held -= entry & LENGTH_MASK;
      if (entry === 0 || (symbol === REPEAT_LAST && read === 0)) break;
      if (symbol < REPEAT_LAST) {
        lengths[read++] = symbol;
        continue;
      }
      const repeated = symbol === REPEAT_LAST ? (lengths[read - 1] as number) : 0;
      const more = symbol === REPEAT_LAST ? 2 : symbol === REPEAT_LAST + 1 ? 3 : 7;
      const end = read + (symbol === REPEAT_LAST + 2 ? 11 : 3) + (bits & ((1 << more) - 1));
      bits >>>= more;
      held -= more;
      if (end > total) break;
      lengths.fill(repeated, read, end);
      read = end;
    }
    // Also where it makes no sense: that may be because the stream is cut off here.
    [this.#at, this.#bits, this.#held] = [at, bits, held];
    return read;
  }

  /** All that takes time is here, with everything in variables of its own. */
  #compressed(literals: CodeTable, distances: CodeTable, from: number, whole: number): number | undefined {
    const [bytes, output] = [this.#bytes, this.#output];
    const [literalEntries, literalMask] = [literals.entries, literals.mask];
    const [distanceEntries, distanceMask] = [distances.entries, distances.mask];
    let [at, bits, held] = [this.#at, this.#bits, this.#held];
    let written = from;
    let isWhole = false;
    for (;;) {
      // At least 23 bits: a symbol, and how much more its length is.
      while (held < 23) {
        bits |= (bytes[at++] ?? 0) << held;
        held += 8;
      }
      const entry = literalEntries[bits & literalMask] as number;
      const symbol = entry >> LENGTH_BITS;
      bits >>>= entry & LENGTH_MASK;
      held -= entry & LENGTH_MASK;
      if (symbol < END_OF_BLOCK) {
        if (entry === 0 || written === whole) break;
        output[written++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) {
        isWhole = true;
        break;
      }
      const index = symbol - END_OF_BLOCK - 1;
      if (index >= lengthBase.length) break;
      const more = lengthBits[index] as number;
      const length = (lengthBase[index] as number) + (bits & ((1 << more) - 1));
      bits >>>= more;
      held -= more;
      while (held < LONGEST_CODE) {
        bits |= (bytes[at++] ?? 0) << held;
        held += 8;
      }
      const far = distanceEntries[bits & distanceMask] as number;
      bits >>>= far & LENGTH_MASK;
      held -= far & LENGTH_MASK;
      const step = far >> LENGTH_BITS;
      if (far === 0 || step >= distanceBase.length) break;
      const farther = distanceBits[step] as number;
      while (held < farther) {
        bits |= (bytes[at++] ?? 0) << held;
        held += 8;
      }
      const distance = (distanceBase[step] as number) + (bits & ((1 << farther) - 1));
      bits >>>= farther;
      held -= farther;
      if (distance > written - this.#room || written + length > whole) break;
      // One by one: what is copied may be written only now.
      for (const end = written + length; written < end; written++) {
        output[written] = output[written - distance] as number;
      }
    }
    [this.#at, this.#bits, this.#held] = [at, bits, held];
    return isWhole ? written : undefined;
  }
}

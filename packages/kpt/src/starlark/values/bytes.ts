import type { Budget } from '../limits.ts';
import { quote } from './quote.ts';
import type { ReprWriter } from './repr.ts';
import { StarlarkObject, type Value } from './value.ts';

/** A sequence of bytes that never changes. */
export class Bytes extends StarlarkObject {
  override readonly type = 'bytes';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  /** The UTF-8 encoding of a string. */
  static encode(text: string): Bytes {
    return new Bytes(new TextEncoder().encode(text));
  }

  /** The string that the bytes encode; what is not UTF-8 becomes U+FFFD. */
  decode(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes);
  }

  override get truth(): boolean {
    return this.bytes.length > 0;
  }

  override get length(): number {
    return this.bytes.length;
  }

  override hashKey(budget: Budget): unknown {
    budget.text(2 * this.bytes.length);
    return `\0b${Buffer.from(this.bytes).toString('latin1')}`;
  }

  override equals(other: StarlarkObject): boolean {
    return other instanceof Bytes && Buffer.compare(this.bytes, other.bytes) === 0;
  }

  override order(other: StarlarkObject): number | undefined {
    return other instanceof Bytes ? Buffer.compare(this.bytes, other.bytes) : undefined;
  }

  override write(writer: ReprWriter): void {
    writer.budget.step(this.bytes.length);
    writer.budget.allocate(64 * this.bytes.length);
    writer.text(`b${quoteBytes(this.bytes)}`);
  }
}

/** The numbers of a value's bytes, as `elems` gives them. */
export class BytesElements extends StarlarkObject {
  override readonly type = 'bytes.elems';
  readonly source: Bytes;

  constructor(source: Bytes) {
    super();
    this.source = source;
  }

  override get length(): number {
    return this.source.bytes.length;
  }

  override iterate(): Iterable<Value> {
    return this.source.bytes;
  }

  override write(writer: ReprWriter): void {
    this.source.write(writer);
    writer.text('.elems()');
  }
}

function quoteBytes(bytes: Uint8Array): string {
  // Characters that are whole are shown; what is left over is shown byte by byte.
  let text = '';
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += `${quote(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, at))).slice(1, -1)}\\x${hex(bytes[at] ?? 0)}`;
    at += 1;
    start = at;
  }
  return `"${text}${quote(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start))).slice(1, -1)}"`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** The length of the UTF-8 sequence at a place; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first > 0xf4 || at + length > bytes.length) return 0;
  const decoded = new TextDecoder().decode(bytes.subarray(at, at + length));
  return decoded.includes('\ufffd') && Buffer.from(bytes.subarray(at, at + length)).toString('hex') !== 'efbfbd'
    ? 0
    : length;
}

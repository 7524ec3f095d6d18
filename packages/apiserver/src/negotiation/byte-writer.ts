/** Collects text and bytes into chunks of a fixed size, so that large answers are few large writes. */
export interface ByteWriter {
  text(text: string): void;
  bytes(bytes: Buffer): void;
  /** The bytes from `start` up to `end`, which need not be cut out first. */
  range(bytes: Buffer, start: number, end: number): void;
  /** Chunks that are full; the writer forgets them. */
  take(): Buffer[];
  /** What is left, full or not. */
  finish(): Buffer[];
}

/** A writer whose chunks are `chunkSize` bytes, the last one shorter. */
export function createByteWriter(chunkSize = 256 * 1024): ByteWriter {
  let full: Buffer[] = [];
  let chunk: Buffer | undefined;
  let used = 0;

  const range = (source: Buffer, start: number, end: number): void => {
    let from = start;
    while (from < end) {
      chunk ??= Buffer.allocUnsafeSlow(chunkSize);
      const length = Math.min(chunkSize - used, end - from);
      source.copy(chunk, used, from, from + length);
      used += length;
      from += length;
      if (used === chunkSize) {
        full.push(chunk);
        chunk = undefined;
        used = 0;
      }
    }
  };

  const take = (): Buffer[] => {
    if (full.length === 0) return full;
    const taken = full;
    full = [];
    return taken;
  };

  return {
    range,
    bytes: (source) => range(source, 0, source.length),
    text(text) {
      // A UTF-16 unit is three bytes of UTF-8 at most.
      if (chunk !== undefined && text.length * 3 <= chunkSize - used - 1) used += chunk.write(text, used, 'utf8');
      else {
        const encoded = Buffer.from(text, 'utf8');
        range(encoded, 0, encoded.length);
      }
    },
    take,
    finish() {
      const rest = take();
      if (chunk !== undefined && used > 0) rest.push(chunk.subarray(0, used));
      chunk = undefined;
      used = 0;
      return rest;
    },
  };
}

import type { PackageContent } from './content.ts';

/** More memory than this is not held on to beside what the files have; in bytes. */
const slack = 4096;

/**
 * The same content in memory of its own. The bytes of a small file mostly are a part of a larger piece of memory, which stays as long as
 * any part of it does: kept for long, they would keep many times of what they are.
 */
export function inOwnMemory(content: PackageContent): PackageContent {
  let used = slack;
  let held = 0;
  const pieces = new Set<ArrayBufferLike>();
  for (const { bytes } of content) {
    used += 2 * bytes.length;
    if (pieces.has(bytes.buffer)) continue;
    pieces.add(bytes.buffer);
    held += bytes.buffer.byteLength;
  }
  return held <= used ? content : content.map((file) => ({ ...file, bytes: copied(file.bytes) }));
}

/** As large as need be: the usual ways to copy a Buffer take a part of a larger one. */
function copied(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress } from 'node:zlib';
import { bytesOfPath, pathOfBytes } from '../git/byte-path.ts';
import type { FileMode, GitFile } from '../git/types.ts';
import type { PackageContent } from './content.ts';
import { comparePaths } from './content-path.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const magic = Buffer.from('porch-content-1\n');
/** Their places are what content has in their stead: new ones go to the end. */
const modes: readonly FileMode[] = ['100644', '100755', '120000', '160000'];

/** Content as the store keeps it. */
export interface EncodedContent {
  /** `sha256:` and the SHA-256 of the uncompressed form: the same for the same files, however they were compressed. */
  readonly digest: string;
  readonly bytes: Buffer;
}

/** Below this, compressing takes less than handing the work to another thread and back; in bytes. */
const compressedInPlace = 32 * 1024;

/** Encodes content for the store. Compression of all but small content runs off the main thread. */
export async function encodeContent(content: PackageContent): Promise<EncodedContent> {
  const plain = serialise(content);
  const digest = `sha256:${createHash('sha256').update(plain).digest('hex')}`;
  const options = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
  const bytes = plain.length < compressedInPlace ? zstdCompressSync(plain, options) : await compress(plain, options);
  return { digest, bytes };
}

/** Decodes what `encodeContent` made. @throws Error when the bytes are damaged */
export async function decodeContent(bytes: Uint8Array): Promise<PackageContent> {
  const plain = await decompress(bytes);
  if (!plain.subarray(0, magic.length).equals(magic)) throw new Error('package content has an unknown form');
  const files: GitFile[] = [];
  for (let at = magic.length; at < plain.length; ) {
    const mode = modes[plain.readUInt8(at)];
    const pathEnd = at + 9 + plain.readUInt32BE(at + 1);
    const end = pathEnd + plain.readUInt32BE(at + 5);
    if (mode === undefined || end > plain.length) throw new Error('package content is damaged');
    files.push({ path: pathOfBytes(plain, at + 9, pathEnd), mode, bytes: plain.subarray(pathEnd, end) });
    at = end;
  }
  return files;
}

/** One form for the same files: in order of paths, lengths before texts. */
function serialise(content: PackageContent): Buffer {
  const parts: Buffer[] = [magic];
  for (const file of [...content].sort((a, b) => comparePaths(a.path, b.path))) {
    const path = bytesOfPath(file.path);
    const head = Buffer.alloc(9);
    head.writeUInt8(modes.indexOf(file.mode), 0);
    head.writeUInt32BE(path.length, 1);
    head.writeUInt32BE(file.bytes.length, 5);
    parts.push(head, path, file.bytes);
  }
  return Buffer.concat(parts);
}

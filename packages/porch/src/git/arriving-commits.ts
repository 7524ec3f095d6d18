/**
 * Reads commits out of a pack that Git is still receiving. A pack has its commits before its trees and files; while Git receives these and
 * works out what they are differences from, this process has nothing to do.
 * The format is that of https://git-scm.com/docs/gitformat-pack.
 */

import { hash } from 'node:crypto';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Turns } from '@porch/apiserver';
import { isMissingFile } from './broker/system-errors.ts';
import { Inflater } from './inflater.ts';
import { decodeCommit } from './object-format.ts';
import type { CommitInfo, TakeArriving } from './types.ts';

/** As `git index-pack` calls what it has not finished. */
const unfinishedPack = /^tmp_pack_/;
const PACK = 'PACK';
const HEADER_BYTES = 12;
const CHUNK_BYTES = 256 << 10;
/** Larger commits are left to be read as all others are. */
const MOST_COMMIT_BYTES = 1 << 20;
/** What is not worth compressing takes a little more than it is. */
const MOST_COMPRESSED_BYTES = MOST_COMMIT_BYTES + (64 << 10);
/** Whoever waits for a pack looks again after a tenth of the time that it has waited, in milliseconds, within these. */
const [LEAST_WAIT_MS, MOST_WAIT_MS] = [5, 200];
/** In a pack some megabytes stand for gigabytes of the same letter: of all commits together no more is read so. */
const MOST_BYTES = 256 << 20;
/** Shorter than usual: but for this, the thread has nothing to do while Git clones, and answers at once. */
const PIECE_MS = 1;
const ID_BYTES = 20;
/** For what stands before a commit's contents when its id is made. */
const ROOM = 'commit 1048576\0'.length;

/** Types of objects in a pack. */
const [COMMIT, TAG, OFFSET_DELTA, REFERENCE_DELTA] = [1, 4, 6, 7] as const;
const commitTypes: ReadonlySet<number> = new Set([COMMIT, TAG, OFFSET_DELTA, REFERENCE_DELTA]);

/** Where a pack arrives. */
export interface ArrivingPack {
  /** The directory of packs, which may not be there yet. */
  readonly directory: string;
  /** Whether Git is done: nothing more will come. */
  readonly isOver: () => boolean;
  /** Resolves when what has waited for Git is done, which goes before. */
  readonly afterwards: Promise<void>;
  /** Bytes of commits that are read at most; 256 MiB unless given. */
  readonly mostBytes?: number;
}

/**
 * Hands over commits of the pack that Git is receiving, until no more are wanted: those that stand before all trees and files, and for
 * themselves rather than as a difference from another one. What makes no sense is left to those who read it when all has come.
 */
export async function arrivingCommits(pack: ArrivingPack, take: TakeArriving): Promise<void> {
  const file = await openUnfinished(pack);
  if (file === undefined) return;
  try {
    await readCommits(new Arriving(file, pack), pack, take);
  } finally {
    await file.close();
  }
}

/** The pack, when Git has begun it; undefined when Git is done before that. */
async function openUnfinished({ directory, isOver }: ArrivingPack): Promise<FileHandle | undefined> {
  const wait = waiting();
  while (!isOver()) {
    try {
      const name = (await readdir(directory)).find((one) => unfinishedPack.test(one));
      if (name !== undefined) return await open(join(directory, name));
    } catch (error) {
      // Not there yet, or no longer called so.
      if (!isMissingFile(error)) return undefined;
    }
    await wait();
  }
  return undefined;
}

/** Waits the longer the longer it has waited already. */
function waiting(): () => Promise<void> {
  const begun = performance.now();
  return async () => {
    await delay(Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, (performance.now() - begun) / 10)));
  };
}

async function readCommits(
  pack: Arriving,
  { isOver, afterwards, mostBytes = MOST_BYTES }: ArrivingPack,
  take: TakeArriving,
): Promise<void> {
  const turns = new Turns(PIECE_MS);
  let bytes = 0;
  for (let left = await pack.begin(); left > 0; left--) {
    let object = pack.next();
    while (object === 'incomplete') object = (await pack.more()) ? pack.next() : undefined;
    if (object === undefined) return;
    bytes += object.size;
    if (bytes > mostBytes) return;
    if (turns.over) await turns.next();
    if (isOver()) await afterwards;
    const commit = object.type === COMMIT ? pack.commit(object.size) : undefined;
    if (commit !== undefined && !take(commit)) return;
  }
}

interface PackedObject {
  readonly type: number;
  /** Of its contents, or of how they differ from another one's, in bytes. */
  readonly size: number;
}

/** A pack, from where it has been read up to where it has arrived. */
class Arriving {
  readonly #file: FileHandle;
  readonly #isOver: () => boolean;
  readonly #inflater = new Inflater(MOST_COMMIT_BYTES, ROOM);
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #bytes: Buffer = Buffer.alloc(0);
  /** Up to where they have been read. */
  #at = 0;
  #position = 0;

  constructor(file: FileHandle, { isOver }: ArrivingPack) {
    this.#file = file;
    this.#isOver = isOver;
  }

  /** Reads the header. Returns how many objects there are; none where it is not one. */
  async begin(): Promise<number> {
    while (this.#bytes.length < HEADER_BYTES) if (!(await this.more())) return 0;
    this.#at = HEADER_BYTES;
    return this.#bytes.toString('latin1', 0, PACK.length) === PACK ? this.#bytes.readUInt32BE(HEADER_BYTES - 4) : 0;
  }

  /** The next object; undefined at the first that is neither a commit nor a tag, and at what makes no sense. */
  next(): PackedObject | 'incomplete' | undefined {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++] ?? 0;
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let factor = 16; byte >= 128; factor *= 128) {
      byte = bytes[at++] ?? 0;
      size += (byte & 127) * factor;
    }
    if (type === OFFSET_DELTA) while ((bytes[at++] ?? 0) >= 128);
    else if (type === REFERENCE_DELTA) at += ID_BYTES;
    if (at >= bytes.length) return 'incomplete';
    if (!commitTypes.has(type) || size > MOST_COMMIT_BYTES) return undefined;
    const end = this.#inflater.inflate(bytes, at, size);
    if (end === 'incomplete') return bytes.length - at < MOST_COMPRESSED_BYTES ? end : undefined;
    if (end === 'invalid') return undefined;
    this.#at = end;
    return { type, size };
  }

  /** What was read last, of so many bytes, if it is a commit that makes sense; whoever needs another one is told when it is read again. */
  commit(size: number): CommitInfo | undefined {
    const header = `commit ${size}\0`;
    const bytes = this.#inflater.output(size, header.length);
    bytes.write(header, 'latin1');
    try {
      return decodeCommit(hash('sha1', bytes), bytes, header.length);
    } catch {
      return undefined;
    }
  }

  /** Reads what has come since, or waits for it. Returns false where nothing more will come. */
  async more(): Promise<boolean> {
    const wait = waiting();
    for (;;) {
      const isLast = this.#isOver();
      const { bytesRead } = await this.#file.read(this.#chunk, 0, CHUNK_BYTES, this.#position);
      if (bytesRead > 0) {
        this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), this.#chunk.subarray(0, bytesRead)]);
        this.#at = 0;
        this.#position += bytesRead;
        return true;
      }
      if (isLast) return false;
      await wait();
    }
  }
}

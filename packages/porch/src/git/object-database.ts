/**
 * The objects of one mirror as trees, commits and files. Objects never change, so decoded trees and commits are remembered.
 */

import { turns } from '@porch/apiserver';
import { Slots } from '@porch/kpt';
import type { LRUCache } from 'lru-cache';
import { isEntryName } from './entry-name.ts';
import { gitError, objectTooLarge } from './errors.ts';
import { forEachOf } from './for-each-of.ts';
import { decodeCommit, decodeTagTarget, decodeTree } from './object-format.ts';
import type { ObjectReader } from './object-reader.ts';
import { isObjectId } from './reference-name.ts';
import { TreeBudget } from './tree-budget.ts';
import type { CommitInfo, FileMode, GitFile, ObjectId, TreeEntry } from './types.ts';

/** Decoded objects by mirror and id. */
export type ObjectCache = LRUCache<string, CommitInfo | readonly TreeEntry[]>;

/** Bounds against repositories made to exhaust memory. */
export interface ObjectLimits {
  /** Entries of one recursive listing. */
  readonly maxEntries: number;
  /** Bytes of one file of a package. */
  readonly maxFileBytes: number;
  /** Bytes of the files of one call. */
  readonly maxTotalBytes: number;
}

const FILES_AT_ONCE = 256;
/** Packages of more bytes or entries are read one after the other: so many as clients ask for at once would not fit in memory. */
const LARGE_BYTES = 8 << 20;
const LARGE_ENTRIES = 5000;
const MAX_TAG_DEPTH = 10;

/** Reads of one mirror. All methods may be called concurrently. */
export class ObjectDatabase {
  readonly #reader: ObjectReader;
  readonly #cache: ObjectCache;
  readonly #prefix: string;
  readonly #limits: ObjectLimits;
  readonly #largeReads: Slots;

  /** `name` tells the mirrors that share the cache apart; `largeReads` are places for reading large packages, one unless given. */
  constructor(reader: ObjectReader, cache: ObjectCache, name: string, limits: ObjectLimits, largeReads = new Slots(1)) {
    this.#reader = reader;
    this.#cache = cache;
    this.#prefix = `${name}:`;
    this.#limits = limits;
    this.#largeReads = largeReads;
  }

  /** Whether the object is here. */
  async has(id: ObjectId): Promise<boolean> {
    if (!isObjectId(id)) return false;
    if (this.#cache.has(this.#prefix + id)) return true;
    return (await this.#reader.ask('info', id)).type !== 'missing';
  }

  /** A commit, also by the id of a tag that names it. */
  async commit(id: ObjectId): Promise<CommitInfo> {
    const known = this.#cache.get(this.#prefix + id);
    if (known !== undefined && 'tree' in known) return known;
    const found = await this.#peel(id, 'commit');
    return this.#remember(
      found.id,
      decoded(found.id, () => decodeCommit(found.id, found.bytes)),
    );
  }

  /** The id of the tree of a commit, tag or tree. */
  async treeOf(treeish: ObjectId): Promise<ObjectId> {
    const known = this.#cache.get(this.#prefix + treeish);
    if (known !== undefined) return 'tree' in known ? known.tree : treeish;
    const found = await this.#peel(treeish, 'tree');
    if (found.objectType === 'tree') {
      this.#remember(
        found.id,
        decoded(found.id, () => decodeTree(found.bytes)),
      );
      return found.id;
    }
    return this.#remember(
      found.id,
      decoded(found.id, () => decodeCommit(found.id, found.bytes)),
    ).tree;
  }

  /** What stands at a path. */
  async entryAt(treeish: ObjectId, path: string): Promise<TreeEntry | undefined> {
    const root = await this.treeOf(treeish);
    let entry: TreeEntry = { path: '', mode: '040000', type: 'tree', id: root };
    for (const segment of path.split('/').filter((part) => part !== '')) {
      if (entry.type !== 'tree') return undefined;
      const found: TreeEntry | undefined = (await this.#tree(entry.id)).find((candidate) => candidate.path === segment);
      if (found === undefined) return undefined;
      entry = { ...found, path: entry.path === '' ? segment : `${entry.path}/${segment}` };
    }
    return entry;
  }

  /** Entries of a tree, or the files, links and submodules below it. */
  async listTree(treeish: ObjectId, recursive: boolean): Promise<readonly TreeEntry[]> {
    const tree = await this.treeOf(treeish);
    if (!recursive) return await this.#tree(tree);
    return await this.#below(tree, async () => undefined);
  }

  /** Contents of blobs, in order; each of `mostBytes` at most, the limit of files unless told. */
  async blobs(ids: readonly ObjectId[], mostBytes = this.#limits.maxFileBytes): Promise<readonly Buffer[]> {
    const contents: Buffer[] = [];
    let total = 0;
    for (let start = 0; start < ids.length; start += FILES_AT_ONCE) {
      const some = await Promise.all(ids.slice(start, start + FILES_AT_ONCE).map((id) => this.#read(id, mostBytes)));
      for (const { id, objectType, bytes } of some) {
        if (objectType !== 'blob') throw gitError('NotFound', `object ${id} is a ${objectType}, not a file`);
        total += bytes.length;
        contents.push(bytes);
      }
      this.#checkTotal(total);
    }
    return contents;
  }

  /** All files, links and submodules below a tree. */
  async files(treeish: ObjectId): Promise<readonly GitFile[]> {
    let place: Promise<void> | undefined;
    const isLarge = () => (place ??= this.#largeReads.take());
    try {
      return await this.#files(treeish, isLarge);
    } finally {
      if (place !== undefined) this.#largeReads.release();
    }
  }

  /** `isLarge` resolves when the files may be read although they are many, or large. */
  async #files(treeish: ObjectId, isLarge: () => Promise<void>): Promise<readonly GitFile[]> {
    const entries = await this.#below(await this.treeOf(treeish), isLarge);
    const blobs = entries.filter(({ type }) => type === 'blob');
    const bytes = await this.#checkSizes(blobs);
    if (bytes > LARGE_BYTES) await isLarge();
    const contents = await this.blobs(blobs.map(({ id }) => id));
    const files = blobs.map(({ path, mode }, index): GitFile => {
      return { path, mode: fileMode(mode), bytes: contents[index] ?? Buffer.alloc(0) };
    });
    const submodules = entries.filter(({ type }) => type === 'commit');
    return [...files, ...submodules.map(({ path, id }): GitFile => ({ path, mode: '160000', bytes: Buffer.from(id) }))];
  }

  /** Large files are found before they travel. Returns how large all are together. */
  async #checkSizes(entries: readonly TreeEntry[]): Promise<number> {
    let total = 0;
    for (let start = 0; start < entries.length; start += FILES_AT_ONCE) {
      const some = entries.slice(start, start + FILES_AT_ONCE);
      const answers = await Promise.all(some.map(({ id }) => this.#reader.ask('info', id)));
      for (const [index, answer] of answers.entries()) {
        if (answer.type !== 'object') continue;
        total += answer.size;
        if (answer.size <= this.#limits.maxFileBytes) continue;
        const { maxFileBytes } = this.#limits;
        throw gitError('TooLarge', `file ${some[index]?.path} has ${answer.size} bytes, more than ${maxFileBytes}`);
      }
    }
    this.#checkTotal(total);
    return total;
  }

  #checkTotal(bytes: number): void {
    const { maxTotalBytes } = this.#limits;
    if (bytes > maxTotalBytes) throw gitError('TooLarge', `the files are larger than ${maxTotalBytes} bytes together`);
  }

  async #below(root: ObjectId, isLarge: () => Promise<void>): Promise<readonly TreeEntry[]> {
    const budget = new TreeBudget({ most: this.#limits.maxEntries, what: 'entries' });
    let found: readonly TreeEntry[] = [];
    let level = [{ tree: root, prefix: '' }];
    while (level.length > 0) {
      const inside: (readonly TreeEntry[])[] = [];
      await forEachOf(level, async ({ tree, prefix }, index) => {
        const entries = await this.#tree(tree);
        if (turns.over) await turns.next();
        budget.spend(prefix, entries);
        if (budget.entries > LARGE_ENTRIES) await isLarge();
        inside[index] = placed(entries, prefix);
      });
      const entries = inside.flat();
      found = found.concat(entries.filter(({ type }) => type !== 'tree'));
      level = entries.flatMap(({ type, id, path }) => (type === 'tree' ? { tree: id, prefix: `${path}/` } : []));
    }
    return found;
  }

  async #tree(id: ObjectId): Promise<readonly TreeEntry[]> {
    const known = this.#cache.get(this.#prefix + id);
    if (known !== undefined && !('tree' in known)) return known;
    const { objectType, bytes } = await this.#read(id);
    if (objectType !== 'tree') throw gitError('NotFound', `object ${id} is a ${objectType}, not a tree`);
    return this.#remember(
      id,
      decoded(id, () => decodeTree(bytes)),
    );
  }

  /** Follows tags to a commit, or to a commit or tree when a tree is wanted. */
  async #peel(id: ObjectId, wanted: 'commit' | 'tree') {
    let next = id;
    for (let depth = 0; depth < MAX_TAG_DEPTH; depth++) {
      const found = await this.#read(next);
      if (found.objectType === 'commit' || found.objectType === wanted) return found;
      if (found.objectType !== 'tag')
        throw gitError('NotFound', `object ${next} is a ${found.objectType}, not a ${wanted}`);
      next = decoded(next, () => decodeTagTarget(found.bytes));
    }
    throw gitError('Other', `tag ${id} names a tag that names a tag, and so on`);
  }

  async #read(id: ObjectId, mostBytes?: number) {
    if (!isObjectId(id)) throw gitError('NotFound', `${JSON.stringify(id)} is not an object id`);
    const answer = await this.#reader.ask('contents', id, mostBytes);
    if (answer.type === 'missing') throw gitError('NotFound', `object ${id} is not in the mirror`);
    if (answer.type === 'too-large') throw objectTooLarge(answer);
    return { id, objectType: answer.objectType, bytes: answer.bytes };
  }

  #remember<T extends CommitInfo | readonly TreeEntry[]>(id: ObjectId, value: T): T {
    this.#cache.set(this.#prefix + id, value);
    return value;
  }
}

/** The entries of a tree with their paths, but for those that Git itself would not check out. */
function placed(entries: readonly TreeEntry[], prefix: string): TreeEntry[] {
  const names = new Set<string>();
  return entries.flatMap((entry) => {
    if (!isEntryName(entry.path) || names.has(entry.path)) return [];
    names.add(entry.path);
    return { ...entry, path: prefix + entry.path };
  });
}

function decoded<T>(id: ObjectId, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw gitError('Other', `object ${id} is damaged: ${why}`, { cause: error });
  }
}

function fileMode(mode: string): FileMode {
  if (mode === '120000') return mode;
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? '100644' : '100755';
}

/**
 * The revisioned store: what every object of the server is kept in.
 *
 * One counter numbers all changes of all resources. It starts at 1, strictly increases, is never reused and survives
 * restarts; it is what clients see as `resourceVersion`. Every changed object gets a revision of its own, consecutive
 * within one write set, and readers advance by whole write sets only.
 *
 * A **write set** is applied as a whole or not at all. When `commit` resolves, the change is durable (synced to disk)
 * and every listener has seen it; before that nobody has. A driver whose disk fails ends the process rather than carry on
 * with a state nobody can name.
 *
 * Drivers: `sqlite/` (its own thread, group commit) and `postgres/` (one database shared by several processes). One suite,
 * `store-suite.test-support.ts`, runs against every driver.
 */
import type { KubernetesObject } from '../meta/object.ts';

/** Which object: no two of a store have the same. */
export interface ObjectKey {
  /** Group resource, `packagerevisions.porch.kpt.dev`; plain `secrets` for the core group. */
  readonly resource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/** An object as the store keeps it. */
export interface StoredObject {
  readonly key: ObjectKey;
  readonly uid: string;
  /** Revision of its latest change. */
  readonly revision: number;
  /**
   * The object as JSON, without `metadata.resourceVersion`. It begins `{"apiVersion":…,"kind":…,"metadata":{` in this order
   * (see `encode.ts`), so that the revision can be spliced in without parsing.
   */
  readonly value: string;
  /** What the object's content is found by (`sha256:…` for content in this store), or null where it has none. */
  readonly content: string | null;
  /** Revision at which `content` last changed; 0 where there never was any. */
  readonly contentRevision: number;
}

/**
 * Names the member of a put that has its object as it was before it became text: whoever is told of the change need not parse it. It must
 * not be changed any more. A symbol, so that it stays behind when the operation is copied to another thread.
 */
export const decodedObject = Symbol('decoded object');

/** One step of a write set. Steps apply in order; each that changes something takes the next revision. */
export type WriteOperation =
  /**
   * Creates or replaces. A put that changes nothing (same uid, value and content) takes no revision and makes no event.
   * `expected`: the revision the object must have now, 0 for "must not exist"; absent for no condition.
   * `content` absent keeps what there is; null removes it. `renewsContent`: counts as a change of the content although that stays, because
   * what is shown together with it changes; a put that changes nothing still does nothing.
   */
  | {
      readonly type: 'put';
      readonly key: ObjectKey;
      readonly uid: string;
      readonly value: string;
      readonly content?: string | null;
      readonly renewsContent?: boolean;
      readonly expected?: number;
      readonly [decodedObject]?: KubernetesObject;
    }
  /**
   * Applies an RFC 7386 merge patch to whatever is stored at that moment; an object that is gone is left alone. For fields
   * that the server owns on other objects, where a concurrent write by a client must not fail the write set.
   */
  | { readonly type: 'merge'; readonly key: ObjectKey; readonly patch: Record<string, unknown> }
  /** Removes. An object that is already gone is a failed precondition only when `expected` is given, and not 0. */
  | { readonly type: 'delete'; readonly key: ObjectKey; readonly expected?: number };

/** Conditions on objects that the write set does not itself write. `revision` 0: must not exist. */
export interface Precondition {
  readonly key: ObjectKey;
  readonly revision: number;
}

/**
 * Bytes stored once under their digest, `sha256:<hex of the uncompressed bytes>`. Storing the same again does nothing. A put
 * that gives an object a new `sha256:…` content fails unless the store has it or the write set brings it.
 */
export interface ContentBlob {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** What is written as one: all of it, or nothing. */
export interface WriteSet {
  readonly preconditions?: readonly Precondition[];
  readonly operations: readonly WriteOperation[];
  readonly content?: readonly ContentBlob[];
}

/** One changed object, as the log has it. */
export interface Change {
  readonly type: 'put' | 'delete';
  readonly revision: number;
  /** Revision the object had before; 0 when it was created. */
  readonly previousRevision: number;
  /** After a put: the new state. After a delete: the last state, with `revision` the deletion's. */
  readonly object: StoredObject;
  /** After a put, where its object is at hand. */
  readonly decoded?: KubernetesObject;
}

/** What a commit has come to. */
export interface CommitResult {
  /** Revision of the store after this write set, also when it changed nothing. */
  readonly revision: number;
  /** In order; empty when nothing changed. For a dry run: what would have changed, with no revisions taken (0). */
  readonly changes: readonly Change[];
}

/** A precondition did not hold; nothing was written. */
export class PreconditionFailedError extends Error {
  readonly key: ObjectKey;
  /** What was asked for. */
  readonly expected: number;
  /** What is there: 0 when the object does not exist. */
  readonly actual: number;

  constructor(key: ObjectKey, expected: number, actual: number) {
    super(
      `${key.resource} ${key.namespace === '' ? '' : `${key.namespace}/`}${key.name}: expected revision ${expected}, found ${actual}`,
    );
    this.name = 'PreconditionFailedError';
    this.key = key;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The log no longer reaches back to the asked revision. */
export class CompactedError extends Error {
  readonly asked: number;
  readonly oldest: number;

  constructor(asked: number, oldest: number) {
    super(`revision ${asked} has been compacted; the oldest kept is ${oldest}`);
    this.name = 'CompactedError';
    this.asked = asked;
    this.oldest = oldest;
  }
}

/**
 * The database could not be reached in time. A write that fails with this was not made, unless `outcomeUnknown` says that nobody
 * could be asked whether it was.
 */
export class StoreUnavailableError extends Error {
  readonly outcomeUnknown: boolean;

  constructor(message: string, outcomeUnknown = false, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'StoreUnavailableError';
    this.outcomeUnknown = outcomeUnknown;
  }
}

/** A part of the change log. */
export interface LogPage {
  /** Whole write sets only, in order. */
  readonly changes: readonly Change[];
  /** Position to continue from. */
  readonly next: number;
}

/** What a compaction has removed: entries of the log, and content that nothing names any more. */
export interface CompactedStore {
  readonly entries: number;
  readonly contents: number;
}

/** Everything there is at one revision, and how it came to be. */
export interface Snapshot {
  readonly revision: number;
  /** In no particular order. */
  readonly objects: StoredObject[];
  /** The revision that `changes` begin after; equal to `revision` when there are none. */
  readonly changesAfter: number;
  /** The latest changes up to `revision`, oldest first. */
  readonly changes: readonly Change[];
  /** The states before `changes` of the objects that they change. */
  readonly earlier: readonly StoredObject[];
}

/** Keeps objects, their history and content; see ARCHITECTURE.md for what always holds. */
export interface Store {
  /** Everything there is, with about `history` of the latest changes (default 0; fewer where the log is shorter). */
  snapshot(options?: { readonly history?: number }): Promise<Snapshot>;

  /**
   * Applies a write set. Concurrent calls are committed in the order of the calls, many to one sync of the disk.
   * @throws PreconditionFailedError when the listeners have seen what stands in the way
   */
  commit(writeSet: WriteSet, options?: { readonly dryRun?: boolean }): Promise<CommitResult>;

  /**
   * Is called with the changes of every committed write set that changed something, in order, before that write set's `commit` resolves;
   * on a shared database with those of other processes too.
   * Returns the function that ends it. Listeners must not throw and must not wait.
   */
  onCommit(listener: (changes: readonly Change[]) => void): () => void;

  /**
   * Only on a store that several processes share: a revision not older than anything that was acknowledged anywhere before the call.
   * Who waits until the listeners have seen it reads what others have written. Where it is absent, listeners are never behind.
   * @throws StoreUnavailableError
   */
  latestRevision?(): Promise<number>;

  /**
   * Changes after a revision, oldest first, about `limit` of them.
   * @throws CompactedError when the log does not reach back that far
   */
  changesAfter(revision: number, limit: number): Promise<LogPage>;

  /** The state an object had at a revision that the log still reaches, or undefined when it did not exist then. */
  objectAt(key: ObjectKey, revision: number): Promise<StoredObject | undefined>;

  /** Content by digest, or undefined when there is none. */
  content(digest: string): Promise<Uint8Array | undefined>;

  /**
   * Forgets log entries at or before a revision, except those that a later entry needs as its previous state, and content
   * that neither an object nor the log names any more (content younger than `graceMs` stays). Returns what was removed.
   */
  compact(revision: number, graceMs?: number): Promise<CompactedStore>;

  /**
   * Only on a store that keeps its own files: writes a copy of the state at one moment into a new file, while others go on reading and
   * writing. A copy that fails leaves nothing behind.
   * @throws Error when the file exists or cannot be written
   */
  backup?(file: string): Promise<void>;

  /**
   * Only on a store that several processes share: it will be closed soon. When its database from now on leaves a question without an
   * answer for as long as reads and writes wait, what is under way and all later calls fail with StoreUnavailableError: whoever ends
   * has several things to write down, and does not wait for each of them anew. As long as it answers, nothing changes.
   */
  expectClose?(): void;

  /** Finishes what was handed over, then closes. Later calls fail. */
  close(): Promise<void>;
}

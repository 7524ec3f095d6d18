import type { FieldSelector, LabelSelector } from '../meta/selector.ts';
import type { ServedEvent, ServedObject } from './served-object.ts';
import type { Change, ObjectKey } from './store.ts';

/** What is asked for: a namespace (undefined: all) and selectors (undefined: everything). */
export interface ListQuery {
  readonly namespace?: string;
  readonly labels?: LabelSelector;
  readonly fields?: FieldSelector;
  /** Only what comes after this object in the order of the list. */
  readonly after?: { readonly namespace: string; readonly name: string };
  /** At most so many; undefined or 0: all. Without selectors a page costs what it returns, not what there is. */
  readonly limit?: number;
}

/** Reads of one resource at one revision. `items` are in order of namespace, then name. */
export interface ListPage {
  readonly revision: number;
  readonly items: readonly ServedObject[];
  /** Whether `limit` left something out. */
  readonly more: boolean;
  /** How many it left out; undefined where selectors make that expensive to tell. */
  readonly remaining?: number;
}

/** Receives events of one resource in order. Called synchronously; must not throw or wait. */
export type EventListener = (event: ServedEvent) => void;

/**
 * Current objects and recent events of all resources, in memory. Reads are synchronous and take no lock.
 *
 * Events are those of the store's log, so a position handed out by any read can be resumed from as long as the log reaches
 * back to it. A batch of changes (one write set) becomes visible at once: nobody sees half of it.
 */
export interface WatchCache {
  /** Revision of the last write set that is visible. */
  readonly revision: number;
  /** Oldest position a watch may start from. */
  readonly oldest: number;

  /**
   * Only over a store that several processes share: a revision not older than anything that was acknowledged anywhere before the call
   * (see `Store.latestRevision`). Absent where the cache is never behind.
   */
  readonly latestRevision?: (() => Promise<number>) | undefined;

  get(key: ObjectKey): ServedObject | undefined;

  /** How many objects there are of each resource that has or had any. */
  counts(): Iterable<readonly [resource: string, count: number]>;

  list(resource: string, query?: ListQuery): ListPage;

  /** Objects of one namespace whose names begin with a prefix, in order of name. Costs what it returns, not what there is. */
  prefix(resource: string, namespace: string, namePrefix: string): readonly ServedObject[];

  /**
   * As `list`, with the state of an earlier revision.
   * @throws CompactedError
   */
  listAt(resource: string, revision: number, query?: ListQuery): ListPage;

  /**
   * Events of a resource after `from`: first those already past, then live ones, without gap or repetition. Selectors are the
   * caller's business: they may differ in how an event that crosses them is shown.
   * Returns the function that ends it.
   * @throws CompactedError
   */
  watch(resource: string, from: number, listener: EventListener): () => void;

  /** Calls back after every visible batch, with the new revision; for bookmarks. Returns the function that ends it. */
  onRevision(listener: (revision: number) => void): () => void;

  /** Resolves when `revision` has reached the given one; rejects with the signal's reason when that comes first. */
  reached(revision: number, signal: AbortSignal): Promise<void>;

  /** Called by the store's listener. */
  apply(changes: readonly Change[]): void;
}

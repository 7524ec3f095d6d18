import type { KubernetesObject } from '../../meta/object.ts';
import { encodeObject } from '../encode.ts';
import { keyText } from '../key-text.ts';
import { mergePatch } from '../merge-patch.ts';
import type { Sealing } from '../sealing.ts';
import { type ObjectKey, PreconditionFailedError, type WriteOperation, type WriteSet } from '../store.ts';
import { type PlannedChange, type PlannedState, type RevisionRef, revisionAt } from './planned-change.ts';
import { sealText } from './sealed-text.ts';

/** What became of one write set in the plan. `before`: how many changes were planned when its turn came. */
export type PlannedOutcome = { readonly before: number } & (
  | { readonly changes: readonly PlannedChange[]; readonly dryRun: boolean }
  | { readonly mismatch: Mismatch }
  | { readonly error: unknown }
);

/** A precondition that does not hold. */
export interface Mismatch {
  readonly key: ObjectKey;
  readonly expected: number;
  readonly actual: RevisionRef;
}

/** An object as a write wants it. */
interface WantedState {
  readonly uid: string;
  readonly value: string;
  readonly content: string | null;
  readonly renewsContent: boolean;
}

/**
 * What a group of write sets would do to what was read, worked out in memory and in order. A write set that fails leaves no trace
 * in the plan.
 */
export class GroupPlan {
  /** All changes, in the order of their revisions: the first takes base + 1. */
  readonly changes: PlannedChange[] = [];
  /** Content to be stored, by digest. */
  readonly contents = new Map<string, Uint8Array>();
  /** Digests that must be in the database when the group is written. */
  readonly needed = new Set<string>();
  readonly #sealing: Sealing;
  readonly #objects: Map<string, PlannedState>;
  readonly #present: ReadonlySet<string>;

  /** `present`: the digests among those that the group names which the database has. */
  constructor(sealing: Sealing, objects: ReadonlyMap<string, PlannedState>, present: ReadonlySet<string>) {
    this.#sealing = sealing;
    this.#objects = new Map(objects);
    this.#present = present;
  }

  /** Plans one more write set after those before. */
  add(writeSet: WriteSet, dryRun: boolean): PlannedOutcome {
    const before = this.changes.length;
    const draft = new Draft(this.#sealing, this.#objects, before);
    try {
      for (const { key, revision } of writeSet.preconditions ?? []) draft.require(key, revision);
      const own = new Set((writeSet.content ?? []).map(({ digest }) => digest));
      const has = (digest: string) => own.has(digest) || this.contents.has(digest) || this.#present.has(digest);
      for (const operation of writeSet.operations) draft.apply(operation, has);
    } catch (error) {
      return error instanceof MismatchError ? { before, mismatch: error.mismatch } : { before, error };
    }
    const changes = draft.finish();
    if (!dryRun) {
      this.changes.push(...changes);
      for (const [text, state] of draft.states) this.#objects.set(text, state);
      for (const { digest, bytes } of writeSet.content ?? []) this.contents.set(digest, bytes);
      for (const digest of draft.needed) this.needed.add(digest);
    }
    return { before, changes, dryRun };
  }
}

class MismatchError extends Error {
  readonly mismatch: Mismatch;

  constructor(mismatch: Mismatch) {
    super('a precondition does not hold');
    this.mismatch = mismatch;
  }
}

/** One write set while it is planned. */
class Draft {
  readonly states = new Map<string, PlannedState>();
  readonly needed = new Set<string>();
  readonly #sealing: Sealing;
  readonly #objects: ReadonlyMap<string, PlannedState>;
  readonly #before: number;
  readonly #changes: Omit<PlannedChange, 'last'>[] = [];

  constructor(sealing: Sealing, objects: ReadonlyMap<string, PlannedState>, before: number) {
    this.#sealing = sealing;
    this.#objects = objects;
    this.#before = before;
  }

  require(key: ObjectKey, expected: number, current = this.#find(key)): void {
    const actual = current?.revision ?? 0;
    if (actual !== expected) throw new MismatchError({ key, expected, actual });
  }

  apply(operation: WriteOperation, has: (digest: string) => boolean): void {
    const { key } = operation;
    const current = this.#find(key);
    if (operation.type === 'merge') {
      if (current === undefined) return;
      const patched = mergePatch(JSON.parse(current.value), operation.patch) as KubernetesObject;
      const { uid, content } = current;
      return this.#put(key, current, { uid, value: encodeObject(patched), content, renewsContent: false });
    }
    if (operation.expected !== undefined) this.require(key, operation.expected, current);
    if (operation.type === 'delete') return this.#delete(key, current);
    const content = operation.content === undefined ? (current?.content ?? null) : operation.content;
    if (content !== (current?.content ?? null) && content?.startsWith('sha256:') === true) {
      if (!has(content)) throw new Error(`content ${content} is neither in the store nor part of the write set`);
      this.needed.add(content);
    }
    const { uid, value, renewsContent = false } = operation;
    this.#put(key, current, { uid, value, content, renewsContent });
  }

  finish(): PlannedChange[] {
    const last = this.#before + this.#changes.length;
    return this.#changes.map((change) => ({ ...change, last }));
  }

  #find(key: ObjectKey): PlannedState {
    const text = keyText(key);
    return this.states.has(text) ? this.states.get(text) : this.#objects.get(text);
  }

  #put(key: ObjectKey, current: PlannedState, { uid, value, content, renewsContent }: WantedState): void {
    const sameContent = (current?.content ?? null) === content;
    if (current !== undefined && sameContent && current.uid === uid && current.value === value) return;
    const number = this.#next();
    const contentRevision = sameContent && !renewsContent ? (current?.contentRevision ?? 0) : -number;
    const state = { uid, value, stored: sealText(this.#sealing, key, value), content, contentRevision };
    this.#record('put', key, number, current, { ...state, revision: -number });
  }

  #delete(key: ObjectKey, current: PlannedState): void {
    if (current === undefined) return;
    const number = this.#next();
    this.#record('delete', key, number, current, { ...current, revision: -number });
  }

  #record(
    type: 'put' | 'delete',
    key: ObjectKey,
    number: number,
    current: PlannedState,
    state: NonNullable<PlannedState>,
  ): void {
    const first = this.#before + 1;
    this.#changes.push({ type, key, number, first, previous: current?.revision ?? 0, state });
    this.states.set(keyText(key), type === 'put' ? state : undefined);
  }

  #next(): number {
    return this.#before + this.#changes.length + 1;
  }
}

/** The error that a mismatch is answered with, once the group's base is known. */
export function mismatchError({ key, expected, actual }: Mismatch, base: number): PreconditionFailedError {
  return new PreconditionFailedError(key, expected, revisionAt(actual, base));
}

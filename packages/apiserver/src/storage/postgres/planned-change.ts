import type { Change, ObjectKey } from '../store.ts';

/**
 * A revision before the group is written: 0 or more is a revision that exists, -n the n-th one that the group will take.
 */
export type RevisionRef = number;

/** An object as it would be, or undefined where there is none. */
export type PlannedState =
  | {
      readonly uid: string;
      readonly value: string;
      /** The value as its column has it: sealed where it must be. */
      readonly stored: string;
      readonly content: string | null;
      readonly revision: RevisionRef;
      readonly contentRevision: RevisionRef;
    }
  | undefined;

/** A change that a group would make. */
export interface PlannedChange {
  readonly type: 'put' | 'delete';
  readonly key: ObjectKey;
  /** Its revision will be base + number. */
  readonly number: number;
  /** Numbers of the first and last change of the same write set. */
  readonly first: number;
  readonly last: number;
  readonly previous: RevisionRef;
  readonly state: NonNullable<PlannedState>;
}

/** The revision that a reference means, once the base of its group is known. */
export function revisionAt(revision: RevisionRef, base: number): number {
  return revision < 0 ? base - revision : revision;
}

/** The change as the log has it. */
export function settledChange(change: PlannedChange, base: number): Change {
  const { type, key, number, previous, state } = change;
  const { uid, value, content, contentRevision } = state;
  const revision = base + number;
  return {
    type,
    revision,
    previousRevision: revisionAt(previous, base),
    object: { key, uid, revision, value, content, contentRevision: revisionAt(contentRevision, base) },
  };
}

/** The change as a dry run shows it: what it would have taken itself, numbers after `before`, is 0. */
export function untakenChange(change: PlannedChange, base: number, before: number): Change {
  const taken = (revision: RevisionRef) => (revision < -before ? 0 : revisionAt(revision, base));
  const { type, previousRevision, object } = settledChange(change, base);
  return {
    type,
    revision: 0,
    previousRevision: taken(change.previous) === 0 ? 0 : previousRevision,
    object: { ...object, revision: 0, contentRevision: taken(change.state.contentRevision) },
  };
}

import { compare } from './compare.ts';
import { difference, emptySet, type FieldSet, intersection, isEmptySet, sameSet, union } from './field-set.ts';
import { capUpdaters } from './manager-cap.ts';
import { type ManagedSet, type Manager, type Managers, managerIdentity, noManagers } from './managers.ts';
import { reconcile } from './reconcile.ts';
import type { JsonObject } from './shape.ts';
import type { MapStructure } from './structure.ts';
import { type FieldFilter, filterComparison, withoutOwnerless } from './tracked-fields.ts';

/** A write of one manager. */
export interface Writing {
  readonly structure: MapStructure;
  readonly manager: Manager;
  /** What the endpoint can change. */
  readonly filter: FieldFilter;
  /** RFC 3339. */
  readonly now: string;
}

/** The managers as the schema has their fields now. */
export function reconciled(managers: Managers, structure: MapStructure): Managers {
  const result = new Map<string, ManagedSet>();
  for (const [identity, set] of managers) result.set(identity, { ...set, fields: reconcile(set.fields, structure) });
  return result;
}

/** Takes fields away from managers; those that are left with none are forgotten. */
export function takeFrom(managers: Managers, taken: (identity: string) => FieldSet): Map<string, ManagedSet> {
  const result = new Map<string, ManagedSet>();
  for (const [identity, set] of managers) {
    const fields = difference(set.fields, taken(identity));
    if (!isEmptySet(fields)) result.set(identity, sameSet(fields, set.fields) ? set : { ...set, fields });
  }
  return result;
}

/** Whoever creates an object owns what they asked for and the object has. */
export function afterCreate(asked: FieldSet, made: JsonObject, writing: Writing): Managers {
  const { structure, manager, filter, now } = writing;
  const fields = withoutOwnerless(filter(intersection(asked, compare({}, made, structure).added)));
  return isEmptySet(fields) ? noManagers : new Map([[managerIdentity(manager), { ...manager, fields, time: now }]]);
}

/**
 * Whoever updates an object owns what they changed, and nobody what they removed. Where nobody owns anything, ownership is not
 * kept, and an update does not begin to keep it.
 */
export function afterUpdate(old: JsonObject, next: JsonObject, managers: Managers, writing: Writing): Managers {
  if (managers.size === 0) return managers;
  const { structure, manager, filter, now } = writing;
  const before = reconciled(managers, structure);
  const { added, modified, removed } = filterComparison(compare(old, next, structure), filter);
  const changed = union(modified, added);
  const gone = union(changed, removed);
  const after = takeFrom(before, () => gone);
  const took = withoutOwnerless(changed);
  if (isEmptySet(took)) return after;
  const identity = managerIdentity(manager);
  const kept = after.get(identity)?.fields ?? emptySet;
  after.set(identity, { ...manager, fields: union(kept, took), time: now });
  return capUpdaters(after);
}

import { appliedParts } from './applied-fields.ts';
import { compare } from './compare.ts';
import { applyConflict, type Conflict, withoutWaived } from './conflicts.ts';
import { emptySet, type FieldSet, intersection, isEmptySet, sameSet, union, unionOf } from './field-set.ts';
import { type ManagedSet, type Managers, managerIdentity } from './managers.ts';
import { merge } from './merge.ts';
import { prune } from './prune.ts';
import type { JsonObject } from './shape.ts';
import { sameValue } from './shape.ts';
import { filterComparison, withoutOwnerless } from './tracked-fields.ts';
import { reconciled, takeFrom, type Writing } from './update-fields.ts';

/** An apply of a configuration to an object. */
export interface Applying extends Writing {
  /** Take fields from other managers. */
  readonly force: boolean;
  /** Fields that may be taken without force. */
  readonly waived: FieldSet;
}

/** The object and its managers after an apply. */
export interface Applied {
  readonly object: JsonObject;
  readonly managers: Managers;
}

const beforeFirstApply = 'before-first-apply';

/** Where ownership was not kept so far, one manager stands for all that wrote the object until now. */
function orAllBefore(live: JsonObject, managers: Managers, { structure, manager, filter, now }: Writing): Managers {
  if (managers.size > 0) return managers;
  const fields = withoutOwnerless(filter(compare({}, live, structure).added));
  if (isEmptySet(fields)) return managers;
  const before: ManagedSet = {
    name: beforeFirstApply,
    operation: 'Update',
    apiVersion: manager.apiVersion,
    subresource: '',
    fields,
    time: now,
  };
  return new Map([[managerIdentity(before), before]]);
}

/**
 * Applies a configuration, which is all that its manager has to say of the object: it is merged in, and what the manager applied
 * before, says no more and nobody else owns is removed. Neither object has managed fields.
 * @throws StatusError 409 for fields that others own and the configuration would change
 * @throws StructureError for lists whose items cannot be told apart
 */
export function applyFields(live: JsonObject, config: JsonObject, managers: Managers, applying: Applying): Applied {
  const { structure, manager, filter, now } = applying;
  const identity = managerIdentity(manager);
  const before = reconciled(orAllBefore(live, managers, applying), structure);
  const last = before.get(identity);
  const said = appliedParts(config, structure);
  const wanted = filter(said.fields);
  const merged = merge(live, config, structure);
  const others = [...before].filter(([other]) => other !== identity).map(([, { fields }]) => fields);
  const owned = unionOf([wanted, said.emptyLists, ...others]);
  const object = prune(merged, last?.fields ?? emptySet, owned, structure);

  const { added, modified, removed } = filterComparison(compare(live, object, structure), filter);
  const changed = union(modified, added);
  const conflicts: Conflict[] = [];
  for (const [other, owner] of before) {
    const fields = other === identity ? emptySet : intersection(owner.fields, changed);
    if (!isEmptySet(fields)) conflicts.push({ owner, fields });
  }
  const refused = applying.force ? [] : withoutWaived(conflicts, applying.waived);
  if (refused.length > 0) throw applyConflict(refused);

  const gone = union(changed, removed);
  const after = takeFrom(before, (other) => (other === identity ? emptySet : gone));
  const fields = withoutOwnerless(wanted);
  if (isEmptySet(fields)) after.delete(identity);
  else {
    const same = last !== undefined && sameSet(last.fields, fields) && sameValue(live, object);
    after.set(identity, { ...manager, fields, time: same ? last.time : now });
  }
  return { object, managers: after };
}

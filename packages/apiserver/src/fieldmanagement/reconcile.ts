import { type FieldSet, isEmptySet } from './field-set.ts';
import { fieldName, type PathElement } from './path-element.ts';
import type { Structure } from './structure.ts';

/** The structure below one step of a path that was written at some time. */
function below(structure: Structure, element: PathElement): Structure {
  const name = fieldName(element);
  if (structure.type === 'map' && name !== undefined) return structure.field(name);
  if (structure.type === 'keyed') return structure.item;
  return { type: 'free' };
}

/**
 * A set of fields as the schema has them now: where a place has become one thing, whoever owned a part of it owns the whole.
 * Returns the set itself where nothing changes.
 */
export function reconcile(set: FieldSet, structure: Structure): FieldSet {
  let changed = false;
  const members = new Set(set.members);
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const inner = below(structure, element);
    if (inner.type === 'leaf' || (structure.type === 'set' && inner.type === 'free')) {
      members.add(element);
      changed = true;
      continue;
    }
    const kept = reconcile(child, inner);
    changed ||= kept !== child;
    if (!isEmptySet(kept)) children.set(element, kept);
  }
  return changed ? { members, children } : set;
}

import { isObject, setMember } from '../meta/json-object.ts';
import { emptySet, type FieldSet, isEmptySet } from './field-set.ts';
import { storedItems } from './list-items.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { isHollow, type JsonObject, shapeOf } from './shape.ts';
import { itemOf, type KeyedListStructure, type MapStructure, type SetStructure, type Structure } from './structure.ts';

/**
 * Removes what a manager applied before (`last`) and nobody owns now (`owned`: all managers, the new configuration included). An
 * item of a list or map goes as a whole, unless someone owns it or a part of it. What nobody ever owned stays where it does
 * not belong to such an item. The argument is not changed.
 */
export function prune(object: JsonObject, last: FieldSet, owned: FieldSet, structure: MapStructure): JsonObject {
  return isEmptySet(last) ? object : pruneMap(object, last, owned, structure);
}

function pruneMap(object: JsonObject, last: FieldSet, owned: FieldSet, structure: MapStructure): JsonObject {
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    const named = !structure.declares(name);
    const rest = pruneAt(fieldElement(name), value, last, owned, structure.field(name), named);
    if (rest !== undefined) setMember(kept, name, rest);
  }
  return kept;
}

/** What stays of the value at one place; undefined when nothing does. */
function pruneAt(
  element: PathElement,
  value: unknown,
  last: FieldSet,
  owned: FieldSet,
  structure: Structure,
  isItem: boolean,
): unknown {
  const had = last.members.has(element);
  const below = last.children.get(element) ?? emptySet;
  if (!had && isEmptySet(below)) return value;
  const isOwned = owned.members.has(element);
  const ownedBelow = owned.children.get(element) ?? emptySet;
  const shape = shapeOf(structure, value);
  if (shape.type === 'leaf') return had && !isOwned ? undefined : value;
  if (isItem && had && !isOwned && isEmptySet(ownedBelow)) return undefined;
  const rest =
    shape.type === 'map'
      ? pruneMap(value as JsonObject, below, ownedBelow, shape)
      : pruneList(value as unknown[], below, ownedBelow, shape);
  return isHollow(rest) && !isOwned && (had || !isHollow(value)) ? undefined : rest;
}

function pruneList(
  list: readonly unknown[],
  last: FieldSet,
  owned: FieldSet,
  structure: SetStructure | KeyedListStructure,
): unknown[] {
  const kept: unknown[] = [];
  for (const { element, value } of storedItems(list, structure)) {
    const rest = pruneAt(element, value, last, owned, itemOf(structure), true);
    if (rest !== undefined) kept.push(withKeys(rest, value, structure));
    else if (owned.children.has(element)) kept.push(withKeys({}, value, structure));
  }
  return kept;
}

/** An item that stays keeps the fields that tell it from the others. */
function withKeys(rest: unknown, item: unknown, structure: SetStructure | KeyedListStructure): unknown {
  if (structure.type === 'set' || !isObject(rest) || !isObject(item)) return rest;
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(item)) {
    if (Object.hasOwn(rest, name)) setMember(kept, name, rest[name]);
    else if (structure.keys.includes(name)) setMember(kept, name, value);
  }
  return kept;
}

import { isObject, setMember } from '../meta/json-object.ts';
import { emptySet, type FieldSet, isEmptySet } from './field-set.ts';
import { type PathElement, readElement } from './path-element.ts';
import type { JsonObject } from './shape.ts';

/** Stands for a path that ends where others go on. */
const here = '.';

/** Writes a set of paths as the `fieldsV1` of a managed fields entry. */
export function writeFieldsV1(set: FieldSet): JsonObject {
  const json: JsonObject = {};
  for (const element of set.members) setMember(json, element, {});
  for (const [element, child] of set.children) {
    const below = writeFieldsV1(child);
    setMember(json, element, set.members.has(element) ? { [here]: {}, ...below } : below);
  }
  return json;
}

/**
 * Reads the `fieldsV1` of a managed fields entry. Steps of kinds that are not known are dropped with what is below them.
 * @throws SyntaxError
 */
export function readFieldsV1(json: unknown): FieldSet {
  if (!isObject(json)) throw new SyntaxError('a set of fields must be an object');
  const members = new Set<PathElement>();
  const children = new Map<PathElement, FieldSet>();
  for (const [key, value] of Object.entries(json)) {
    if (key === here) continue;
    const element = readElement(key);
    if (element === undefined) continue;
    if (!isObject(value)) throw new SyntaxError('a set of fields must be an object');
    const isEnd = Object.keys(value).length === 0;
    if (isEnd || Object.hasOwn(value, here)) members.add(element);
    // Most paths end at once.
    const child = isEnd ? emptySet : readFieldsV1(value);
    if (!isEmptySet(child)) children.set(element, child);
  }
  return members.size === 0 && children.size === 0 ? emptySet : { members, children };
}

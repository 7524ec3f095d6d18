import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../meta/json-object.ts';
import { freeMap, type KeyedListStructure, type MapStructure, type SetStructure, type Structure } from './structure.ts';

/** A JSON object. */
export type JsonObject = Record<string, unknown>;

/** What a value really is, given the structure of its place: a value that does not fit is one thing. */
export type Shape = { readonly type: 'leaf' } | MapStructure | SetStructure | KeyedListStructure;

const leaf: Shape = { type: 'leaf' };

/** A field of an object; undefined where it has none of its own. */
export function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The shape of a value that is there. Null takes any shape, and has none of its own. */
export function shapeOf(structure: Structure, value: unknown): Shape {
  switch (structure.type) {
    case 'map':
      return isObject(value) ? structure : leaf;
    case 'set':
    case 'keyed':
      return Array.isArray(value) ? structure : leaf;
    case 'free':
      return isObject(value) ? freeMap : leaf;
    default:
      return leaf;
  }
}

/** Whether a value says nothing by itself: absent, null, or without content. */
export function isHollow(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Whether two JSON values are equal; the order of keys does not count. */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || isDeepStrictEqual(a, b);
}

import { isObject } from '../meta/json-object.ts';
import { encodeValue } from '../storage/encode.ts';
import { type JsonObject, member } from './shape.ts';
import type { KeyedListStructure, SetStructure } from './structure.ts';

/**
 * One step of a path, in the notation of FieldsV1: `f:name` for a field, `k:{"name":"x"}` for the item of a list that its keys tell
 * apart, `v:"x"` for a value of a set, `i:0` for a place in a list. Equal steps are equal text: keys are sorted.
 */
export type PathElement = string;

/** Why a value cannot be placed: the list it is in needs something that it lacks. Not thrown: a list may have a million of them. */
export interface Misfit {
  readonly reason: string;
}

/** The step to a field. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The name of a field, or undefined for other steps. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function keysElement(item: JsonObject, structure: KeyedListStructure): PathElement | Misfit {
  const found: JsonObject = {};
  for (const key of structure.keys) {
    const value = member(item, key) ?? structure.defaults[key];
    if (value === undefined || value === null) continue;
    if (!isScalar(value)) return { reason: `the key ${JSON.stringify(key)} must be a plain value` };
    found[key] = value;
  }
  if (Object.keys(found).length === 0) {
    const names = structure.keys.map((key) => JSON.stringify(key)).join(', ');
    return { reason: `the item has none of the keys that tell the items of this list apart (${names})` };
  }
  return `k:${encodeValue(found)}`;
}

/** The step to an item of a list, or why such a list cannot have it. */
export function itemElement(item: unknown, structure: SetStructure | KeyedListStructure): PathElement | Misfit {
  if (structure.type === 'keyed') {
    if (!isObject(item)) return { reason: 'the items of this list must be objects' };
    return keysElement(item, structure);
  }
  if (item === null || item === undefined) return { reason: 'the items of this list must not be null' };
  if (!isScalar(item)) return { reason: 'the items of this list must be plain values' };
  return `v:${JSON.stringify(item)}`;
}

/**
 * Reads a step, in the notation that other programs may have written in another way.
 * @throws SyntaxError for a step that is not JSON where it must be; undefined for a kind of step that is not known
 */
export function readElement(text: string): PathElement | undefined {
  const [kind, rest] = [text.slice(0, 2), text.slice(2)];
  switch (kind) {
    case 'f:':
      return text;
    case 'k:': {
      const keys: unknown = JSON.parse(rest);
      if (!isObject(keys)) throw new SyntaxError('the keys of a list item must be an object');
      return `k:${encodeValue(keys)}`;
    }
    case 'v:':
      return `v:${encodeValue(JSON.parse(rest))}`;
    case 'i:':
      if (!/^\d{1,9}$/.test(rest)) throw new SyntaxError('an index must be a number');
      return `i:${Number(rest)}`;
    default:
      return undefined;
  }
}

function printElement(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'k:': {
      const keys = Object.entries(JSON.parse(rest) as JsonObject);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v:':
      return `[=${rest}]`;
    case 'i:':
      return `[${rest}]`;
    default:
      return `.${rest}`;
  }
}

/** A path as messages have it: `.spec.list[name="x"].value`. */
export function printPath(path: readonly PathElement[]): string {
  return path.map(printElement).join('');
}

import { isObject, setMember } from '../meta/json-object.ts';
import { mergeLists } from './merge-lists.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { type JsonObject, member, shapeOf } from './shape.ts';
import type { MapStructure, Structure } from './structure.ts';

/**
 * The live state of an object with a configuration on top. The arguments are not changed; the result may share parts with them.
 * @throws StructureError for lists of the configuration whose items cannot be told apart
 */
export function merge(live: JsonObject, config: JsonObject, structure: MapStructure): JsonObject {
  return mergeMaps(live, config, structure, []);
}

function mergeMaps(
  live: JsonObject,
  config: JsonObject,
  structure: MapStructure,
  path: readonly PathElement[],
): JsonObject {
  const merged: JsonObject = {};
  for (const [name, value] of Object.entries(live)) setMember(merged, name, value);
  for (const [name, value] of Object.entries(config)) {
    const at = [...path, fieldElement(name)];
    setMember(merged, name, mergeValues(member(live, name), value, structure.field(name), at));
  }
  return merged;
}

/** Merges the values of one place; undefined stands for none. */
export function mergeValues(
  live: unknown,
  config: unknown,
  structure: Structure,
  path: readonly PathElement[],
): unknown {
  if (config === undefined) return live;
  const shape = shapeOf(structure, config ?? live);
  if (shape.type === 'leaf') return config;
  if (config === null) return live;
  if (shape.type === 'map') return mergeMaps(isObject(live) ? live : {}, config as JsonObject, shape, path);
  return mergeLists(Array.isArray(live) ? live : [], config as unknown[], shape, path);
}

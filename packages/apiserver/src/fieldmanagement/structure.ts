import { type JsonSchema, jsonSchema, type PlainSchema, plainSchema } from '../schema/json-schema.ts';
import { objectMetaSchema } from '../schema/metadata-schema.ts';

/** How the value at one place is owned, merged and compared. */
export type Structure = Leaf | MapStructure | SetStructure | KeyedListStructure | Free;

/** One thing: a scalar, or a list or map that is replaced as a whole. */
export interface Leaf {
  readonly type: 'leaf';
}

/** A map or object whose fields are owned one by one. */
export interface MapStructure {
  readonly type: 'map';
  /** Structure of a field, declared or not. */
  field(name: string): Structure;
  /** Whether the schema names the field; keys of maps it does not. */
  declares(name: string): boolean;
}

/** A list of scalars in which each value stands once. */
export interface SetStructure {
  readonly type: 'set';
}

/** A list of objects that some of their fields tell apart. */
export interface KeyedListStructure {
  readonly type: 'keyed';
  readonly keys: readonly string[];
  /** Values of keys that an item may leave out. */
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly item: Structure;
}

/** Described by no schema: maps are owned field by field, all else as a whole. */
export interface Free {
  readonly type: 'free';
}

const leaf: Leaf = { type: 'leaf' };
const free: Free = { type: 'free' };
const set: SetStructure = { type: 'set' };

/** The structure of the items of a list whose items are owned one by one. */
export function itemOf(list: SetStructure | KeyedListStructure): Structure {
  return list.type === 'keyed' ? list.item : leaf;
}

/** Objects that no schema describes. */
export const freeMap: MapStructure = { type: 'map', field: () => free, declares: () => false };

function mapOf(schema: JsonSchema): Structure {
  if (schema['x-kubernetes-map-type'] === 'atomic') return leaf;
  const fields = new Map<string, Structure>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) fields.set(name, structureOf(property));
  const patterns = Object.entries(schema.patternProperties ?? {}).map(([pattern, property]) => ({
    pattern: new RegExp(pattern),
    structure: structureOf(property),
  }));
  const { additionalProperties } = schema;
  const other = typeof additionalProperties === 'object' ? structureOf(additionalProperties) : free;
  return {
    type: 'map',
    field: (name) => fields.get(name) ?? patterns.find(({ pattern }) => pattern.test(name))?.structure ?? other,
    declares: (name) => fields.has(name),
  };
}

function keyedList(schema: JsonSchema, keys: readonly string[]): Structure {
  const items = plainSchema(schema.items ?? {});
  const defaults: Record<string, unknown> = {};
  for (const key of keys) {
    const value = items.schema.properties?.[key]?.default;
    if (value !== undefined) defaults[key] = value;
  }
  return { type: 'keyed', keys, defaults, item: structureOf(schema.items ?? {}) };
}

function listOf(schema: JsonSchema): Structure {
  const keys = schema['x-kubernetes-list-map-keys'];
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return set;
    case 'map':
      return keyedList(schema, Array.isArray(keys) ? keys.map(String) : []);
    case undefined:
      break;
    default:
      return leaf;
  }
  const strategy = schema['x-kubernetes-patch-strategy'];
  if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return leaf;
  return typeof mergeKey === 'string' ? keyedList(schema, [mergeKey]) : set;
}

function fromPlain({ schema, types, alternatives }: PlainSchema): Structure {
  if (alternatives !== undefined || types.length === 0) return free;
  if (types.includes('object')) return mapOf(schema);
  return types.includes('array') ? listOf(schema) : leaf;
}

/**
 * The structure that a schema gives to its values, by its types and the extensions `x-kubernetes-list-type`,
 * `x-kubernetes-list-map-keys`, `x-kubernetes-map-type` and, for lists without a type, the extensions of strategic merge.
 */
function structureOf(schema: JsonSchema): Structure {
  return fromPlain(plainSchema(schema));
}

/** The structure of whole objects of a resource, metadata included. */
export function objectStructure(schema: Parameters<typeof jsonSchema>[0]): MapStructure {
  const own = jsonSchema(schema);
  const structure = mapOf({
    type: 'object',
    ...(own.patternProperties === undefined ? {} : { patternProperties: own.patternProperties }),
    ...(own.additionalProperties === undefined ? {} : { additionalProperties: own.additionalProperties }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: jsonSchema(objectMetaSchema),
      ...own.properties,
    },
  });
  return structure.type === 'map' ? structure : freeMap;
}

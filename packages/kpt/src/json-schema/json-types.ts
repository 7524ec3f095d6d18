/** The types of JSON values in the order in which messages name them. */
const typeNames = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'] as const;

/** The type of a JSON value. An integer is a number. */
export type JsonType = (typeof typeNames)[number];

/** A mapping of JSON. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Whether a value is a mapping. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type of a value. */
export function jsonTypeOf(value: unknown): Exclude<JsonType, 'integer'> {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'bigint':
      return 'number';
    case 'object':
      return 'object';
    default:
      return 'string';
  }
}

/** Whether a value is of a type. */
export function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return typeof value === 'bigint' || Number.isInteger(value);
  return jsonTypeOf(value) === type;
}

/** Types for a message: `null or integer`. */
export function showTypes(types: ReadonlySet<string>): string {
  const known = typeNames.filter((name) => types.has(name));
  return known.length === 0 ? [...types].join(' or ') : known.join(' or ');
}

/** Whether two values are equal as JSON has it: the order of a mapping's keys does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
    );
  }
  if (typeof a === 'bigint' || typeof b === 'bigint') return jsonTypeOf(a) === jsonTypeOf(b) && String(a) === String(b);
  return a === b;
}

/** A value for a message: strings in single quotes, the rest as JSON. */
export function showJson(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

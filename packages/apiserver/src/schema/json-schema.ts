import type { TSchema } from 'typebox';

/** Names of the types of JSON Schema. */
export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

/** The keywords of JSON Schema that resource schemas may use; typebox schemas are such objects. */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly format?: string;
  /** Of a `date-time`: whether microseconds are kept, six digits of them, as in Kubernetes' MicroTime. Default: whole seconds. */
  readonly microseconds?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly [extension: `x-${string}`]: unknown;
}

/** A typebox schema as the plain JSON Schema that it is. */
export function jsonSchema(schema: TSchema): JsonSchema {
  return schema as JsonSchema;
}

const typeOrder: readonly JsonType[] = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

function typesOfValues(values: readonly unknown[]): JsonType[] {
  const found = new Set<JsonType>(values.map(jsonTypeOf));
  return typeOrder.filter((t) => found.has(t));
}

/** The JSON type of a parsed value; whole numbers are integers. */
export function jsonTypeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'object' ? 'object' : typeof value === 'string' ? 'string' : 'boolean';
}

/** A schema without unions of one alternative, with `allOf` merged, and with its types listed. */
export interface PlainSchema {
  /** The schema's own keywords; `anyOf`, `oneOf`, `allOf`, `const` and `type` are resolved into the fields below. */
  readonly schema: JsonSchema;
  /** Empty: anything. Without null. */
  readonly types: readonly JsonType[];
  readonly nullable: boolean;
  /** Values it is limited to, without null. */
  readonly values?: readonly unknown[];
  /** Alternatives that are more than scalars; only their types tell them apart. */
  readonly alternatives?: readonly JsonSchema[];
}

function mergeAll(schema: JsonSchema): JsonSchema {
  if (schema.allOf === undefined) return schema;
  const { allOf, ...rest } = schema;
  const parts = [...allOf.map(mergeAll), rest];
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((p) => p.properties)),
    required: parts.flatMap((p) => p.required ?? []),
  };
}

function isScalar(plain: PlainSchema): boolean {
  return plain.types.length > 0 && plain.types.every((t) => t !== 'object' && t !== 'array');
}

/** Resolves the ways in which JSON Schema says "one of several". */
export function plainSchema(given: JsonSchema): PlainSchema {
  const { anyOf, oneOf, const: constant, type, ...schema } = mergeAll(given);
  const union = anyOf ?? oneOf;
  if (union === undefined) {
    const values = constant !== undefined ? [constant] : schema.enum;
    const listed = type === undefined ? typesOfValues(values ?? []) : typeof type === 'string' ? [type] : [...type];
    const types = listed.filter((t) => t !== 'null');
    const nullable = types.length < listed.length;
    const some = values?.filter((v) => v !== null);
    return { schema, types, nullable, ...(some === undefined ? {} : { values: some }) };
  }
  const parts = union.map((alternative) => ({ alternative, plain: plainSchema(alternative) }));
  const solid = parts.filter(({ plain }) => plain.types.length > 0 || !plain.nullable);
  const nullable = parts.some(({ plain }) => plain.nullable);
  const [only] = solid;
  if (solid.length === 1 && only !== undefined) {
    return { ...only.plain, schema: { ...only.plain.schema, ...schema }, nullable };
  }
  const types = [...new Set(solid.flatMap(({ plain }) => plain.types))];
  if (!solid.every(({ plain }) => isScalar(plain))) {
    return { schema, types, nullable, alternatives: solid.map(({ alternative }) => alternative) };
  }
  const limited = solid.every(({ plain }) => plain.values !== undefined);
  return { schema, types, nullable, ...(limited ? { values: solid.flatMap(({ plain }) => plain.values ?? []) } : {}) };
}

import type { Decoding } from './decoding.ts';
import { checkKey, copyFreeValue } from './free-value.ts';
import { type JsonSchema, type JsonType, jsonTypeOf, type PlainSchema, plainSchema } from './json-schema.ts';
import { decodeNumber, decodeString } from './scalar-decoder.ts';

/**
 * A schema made ready to decode values: checks types, drops fields that the schema does not have (and notes them), applies
 * defaults. Values are copied, never changed.
 */
export interface Decoder {
  /** Types it takes; empty: any. */
  readonly types: readonly JsonType[];
  readonly nullable: boolean;
  decode(value: unknown, decoding: Decoding): unknown;
  /** What a value that is demanded and missing becomes, as in Go: the type's zero value. Undefined: it stays away. */
  zero(): unknown;
}

const names: Record<JsonType, string> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
};

function accepts(types: readonly JsonType[], type: JsonType): boolean {
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'));
}

function checkType(types: readonly JsonType[], value: unknown, decoding: Decoding): void {
  const type = jsonTypeOf(value);
  if (accepts(types, type) || (type === 'number' && types.includes('integer'))) return;
  decoding.fail(`found ${names[type]}, want ${types.map((t) => names[t]).join(' or ')}`);
}

function anything(plain: PlainSchema): Decoder {
  return { types: [], nullable: true, decode: copyFreeValue, zero: () => (plain.nullable ? null : undefined) };
}

function scalar({ schema, types, nullable }: PlainSchema): Decoder {
  const zeros: Partial<Record<JsonType, unknown>> = { string: '', integer: 0, number: 0, boolean: false };
  const [first] = types;
  const zero = nullable || schema.format === 'date-time' || first === undefined ? undefined : zeros[first];
  return {
    types,
    nullable,
    zero: () => zero,
    decode(value, decoding) {
      checkType(types, value, decoding);
      if (typeof value === 'string') return decodeString(value, schema, decoding);
      if (typeof value === 'number') return decodeNumber(value, types, schema, decoding);
      return value;
    },
  };
}

/** An element of a list or a map: there, null is the zero value. */
function decodeElement(decoder: Decoder, value: unknown, decoding: Decoding): unknown {
  return value === null && !decoder.nullable ? decoder.zero() : decoder.decode(value, decoding);
}

function list({ schema, types, nullable }: PlainSchema): Decoder {
  const item = compile(schema.items ?? {});
  return {
    types,
    nullable,
    zero: () => [],
    decode(value, decoding) {
      checkType(types, value, decoding);
      return (value as unknown[]).map((element, index) => {
        decoding.path.push(index);
        const decoded = decodeElement(item, element, decoding);
        decoding.path.pop();
        return decoded === undefined ? null : decoded;
      });
    },
  };
}

interface Field {
  readonly decoder: Decoder;
  readonly default?: unknown;
  readonly required: boolean;
}

function otherFields(schema: JsonSchema): (key: string) => Decoder | undefined {
  const patterns = Object.entries(schema.patternProperties ?? {}).map(([pattern, s]) => ({
    pattern: pattern === '^.*$' || pattern === '^(.*)$' ? undefined : new RegExp(pattern),
    decoder: compile(s),
  }));
  const { additionalProperties: rest } = schema;
  const additional =
    rest === true || schema['x-kubernetes-preserve-unknown-fields'] === true
      ? compile({})
      : typeof rest === 'object'
        ? compile(rest)
        : undefined;
  return (key) => patterns.find(({ pattern }) => pattern === undefined || pattern.test(key))?.decoder ?? additional;
}

function object({ schema, types, nullable }: PlainSchema): Decoder {
  const required = new Set(schema.required);
  const fields = new Map<string, Field>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const field = { decoder: compile(property), required: required.has(name) };
    fields.set(name, property.default === undefined ? field : { ...field, default: property.default });
  }
  const absentFields = [...fields].filter(([, field]) => field.required || field.default !== undefined);
  const other = otherFields(schema);

  function fillIn(result: Record<string, unknown>): Record<string, unknown> {
    for (const [name, field] of absentFields) {
      if (Object.hasOwn(result, name)) continue;
      const value = field.default !== undefined ? structuredClone(field.default) : field.decoder.zero();
      if (value !== undefined) result[name] = value;
    }
    return result;
  }

  return {
    types,
    nullable,
    zero: () => fillIn({}),
    decode(value, decoding) {
      checkType(types, value, decoding);
      const source = value as Record<string, unknown>;
      const result: Record<string, unknown> = {};
      for (const key of Object.keys(source)) {
        decoding.path.push(key);
        const field = fields.get(key);
        const decoder = field?.decoder ?? other(key);
        const given = source[key];
        if (decoder === undefined) decoding.problem('unknown field');
        else if (field !== undefined) {
          if (given === null && !decoder.nullable) {
            if (!decoding.completes) result[key] = null;
          } else if (given !== undefined) result[key] = decoder.decode(given, decoding);
        } else {
          checkKey(key, decoding);
          const decoded = decodeElement(decoder, given, decoding);
          if (decoded !== undefined) result[key] = decoded;
        }
        decoding.path.pop();
      }
      return decoding.completes ? fillIn(result) : result;
    },
  };
}

function union(plain: PlainSchema): Decoder {
  const decoders = (plain.alternatives ?? []).map(compile);
  const [first] = decoders;
  return {
    types: plain.types,
    nullable: plain.nullable,
    zero: () => (plain.nullable ? undefined : first?.zero()),
    decode(value, decoding) {
      const type = jsonTypeOf(value);
      const chosen = decoders.find((d) => accepts(d.types, type));
      if (chosen === undefined) checkType(plain.types, value, decoding);
      return (chosen ?? first)?.decode(value, decoding);
    },
  };
}

function chooseDecoder(plain: PlainSchema): Decoder {
  if (plain.alternatives !== undefined) return union(plain);
  if (plain.types.includes('object')) return object(plain);
  if (plain.types.includes('array')) return list(plain);
  return plain.types.length === 0 ? anything(plain) : scalar(plain);
}

/** Compiles a schema once; the decoder is then used for every value. */
export function compile(schema: JsonSchema): Decoder {
  if (Object.hasOwn(schema, '$ref'))
    throw new TypeError('resource schemas cannot use $ref: write the schema out where it is used');
  const plain = plainSchema(schema);
  const decoder = chooseDecoder(plain);
  if (!plain.nullable) return decoder;
  return { ...decoder, decode: (value, decoding) => (value === null ? null : decoder.decode(value, decoding)) };
}

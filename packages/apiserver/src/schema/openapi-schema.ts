import { componentKey } from './component-name.ts';
import { type JsonSchema, type PlainSchema, plainSchema } from './json-schema.ts';

/** The two dialects of OpenAPI that Kubernetes serves. */
export type Dialect = 'v2' | 'v3';

/** A schema object of OpenAPI, as it is written to documents. */
export type OpenApiSchema = Record<string, unknown>;

const keptKeywords = [
  'description',
  'format',
  'default',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'uniqueItems',
] as const;

/** Converts JSON Schema to OpenAPI, and collects the components that are referred to. */
export class SchemaConverter {
  readonly components = new Map<string, OpenApiSchema>();
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** A reference to a component. */
  reference(name: string): { $ref: string } {
    return { $ref: `${this.#dialect === 'v3' ? '#/components/schemas/' : '#/definitions/'}${name}` };
  }

  /** A schema where it is used: written out, or a reference where it names a component. */
  convert(schema: JsonSchema): OpenApiSchema {
    const name = schema[componentKey];
    if (typeof name !== 'string') return this.#inline(schema);
    if (!this.components.has(name)) {
      this.components.set(name, {});
      this.components.set(name, this.#inline(schema));
    }
    const reference = this.reference(name);
    const described = schema.description === undefined ? {} : { description: schema.description };
    // Only OpenAPI 2 as Kubernetes has it allows words beside a reference.
    return this.#dialect === 'v3' ? { ...described, allOf: [reference] } : { ...described, ...reference };
  }

  #inline(given: JsonSchema): OpenApiSchema {
    const plain = plainSchema(given);
    const { schema } = plain;
    const result: OpenApiSchema = {};
    for (const keyword of keptKeywords) {
      if (schema[keyword] !== undefined) result[keyword] = schema[keyword];
    }
    Object.assign(result, this.#typed(plain));
    for (const [keyword, value] of Object.entries(schema)) {
      if (keyword.startsWith('x-') && keyword !== componentKey) result[keyword] = value;
    }
    if (plain.nullable && this.#dialect === 'v3') result.nullable = true;
    return result;
  }

  #typed({ schema, types, values, alternatives }: PlainSchema): OpenApiSchema {
    const [type] = types;
    if (types.length === 2 && types.includes('string') && types.includes('integer') && alternatives === undefined) {
      return { 'x-kubernetes-int-or-string': true };
    }
    if (types.length !== 1 || type === undefined || alternatives !== undefined) {
      return { 'x-kubernetes-preserve-unknown-fields': true };
    }
    const limited = values === undefined ? {} : { enum: values };
    switch (type) {
      case 'object':
        return { type, ...this.#fields(schema) };
      case 'array':
        return { type, items: this.convert(schema.items ?? {}) };
      case 'integer':
        return { type, format: schema.format ?? 'int64', ...limited };
      case 'number':
        return { type, format: schema.format ?? 'double', ...limited };
      default:
        return { type, ...limited };
    }
  }

  #fields(schema: JsonSchema): OpenApiSchema {
    const result: OpenApiSchema = {};
    const properties = Object.entries(schema.properties ?? {});
    if (properties.length > 0) {
      result.properties = Object.fromEntries(properties.map(([name, property]) => [name, this.convert(property)]));
    }
    if (schema.required !== undefined && schema.required.length > 0) result.required = [...schema.required];
    const [values] = Object.values(schema.patternProperties ?? {});
    const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : values;
    if (rest !== undefined) result.additionalProperties = this.convert(rest);
    else if (schema.additionalProperties === true && properties.length > 0) {
      result['x-kubernetes-preserve-unknown-fields'] = true;
    }
    return result;
  }
}

/** A schema as CustomResourceDefinitions have it: OpenAPI v3 with extensions of Kubernetes. */
export type StructuralSchema = Readonly<Record<string, unknown>>;

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that mean the same in JSON Schema and in a CustomResourceDefinition. */
const kept = [
  'type',
  'description',
  'format',
  'default',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
];

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function constantsOf(alternatives: unknown): string[] | undefined {
  if (!Array.isArray(alternatives)) return undefined;
  const constants = alternatives.map((one: unknown) => (isSchema(one) ? one.const : undefined));
  return constants.every((one) => typeof one === 'string') ? constants : undefined;
}

/** Whether a value is either text or a number, as amounts of memory are. */
function isTextOrNumber(alternatives: unknown): boolean {
  if (!Array.isArray(alternatives)) return false;
  const types = alternatives.map((one: unknown) => (isSchema(one) ? one.type : undefined)).sort();
  return types.length === 2 && ['integer', 'number'].includes(String(types[0])) && types[1] === 'string';
}

function valuesOf(schema: Schema): unknown {
  if (isSchema(schema.additionalProperties)) return schema.additionalProperties;
  return isSchema(schema.patternProperties) ? Object.values(schema.patternProperties)[0] : undefined;
}

/**
 * The structural schema of one of ours. Optional fields are those that are not required, as in both; a value of any kind keeps all
 * that it has.
 * @throws Error for what cannot be said in a structural schema
 */
export function structuralSchema(schema: unknown, path = ''): StructuralSchema {
  if (!isSchema(schema)) throw new Error(`${path}: no schema`);
  const extensions = Object.entries(schema).filter(([key]) => key.startsWith('x-kubernetes-'));
  const result: Record<string, unknown> = Object.fromEntries([
    ...Object.entries(schema).filter(([key]) => kept.includes(key)),
    ...extensions,
  ]);
  const constants = constantsOf(schema.anyOf);
  if (constants !== undefined) return { ...result, type: 'string', enum: constants };
  if (isTextOrNumber(schema.anyOf)) {
    return { ...result, anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
  }
  if (schema.anyOf !== undefined) throw new Error(`${path}: a choice of types cannot be said in a structural schema`);
  if (schema.type === undefined) return { ...result, 'x-kubernetes-preserve-unknown-fields': true };
  if (schema.type === 'array') result.items = structuralSchema(schema.items, `${path}[]`);
  if (schema.type === 'object') {
    const values = valuesOf(schema);
    if (values !== undefined) result.additionalProperties = structuralSchema(values, `${path}{}`);
    if (isSchema(schema.properties)) {
      const fields = Object.entries(schema.properties);
      if (fields.length > 0) {
        result.properties = Object.fromEntries(
          fields.map(([name, field]) => [name, structuralSchema(field, `${path}.${name}`)]),
        );
      }
      if (schema.additionalProperties === true) result['x-kubernetes-preserve-unknown-fields'] = true;
    } else if (values === undefined) result['x-kubernetes-preserve-unknown-fields'] = true;
    if (Array.isArray(schema.required) && schema.required.length > 0) result.required = schema.required;
  }
  return result;
}

/**
 * The schema with more said of the field at a path such as `status.conditions`; the empty path is the whole, and `tags.[]` are the
 * elements of a list.
 */
export function withField(schema: StructuralSchema, path: string, more: StructuralSchema): StructuralSchema {
  if (path === '') return { ...schema, ...more };
  const [name = '', ...rest] = path.split('.');
  if (name === '[]' && isSchema(schema.items)) {
    return { ...schema, items: withField(schema.items, rest.join('.'), more) };
  }
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const field = properties[name];
  if (!isSchema(field)) throw new Error(`there is no field ${name}`);
  return { ...schema, properties: { ...properties, [name]: withField(field, rest.join('.'), more) } };
}

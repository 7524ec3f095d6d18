import { apiVersionOf } from '../meta/object.ts';
import type { AnyResourceDefinition } from '../registry/resource.ts';
import { componentName, metaComponent } from './component-name.ts';
import { type JsonSchema, jsonSchema } from './json-schema.ts';
import { listMetaSchema, objectMetaSchema } from './metadata-schema.ts';
import type { OpenApiSchema, SchemaConverter } from './openapi-schema.ts';
import { deleteOptionsSchema, statusSchema } from './status-schema.ts';

/** Group, version and kind, as extensions of OpenAPI documents have them. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const gvkKey = 'x-kubernetes-group-version-kind';

const apiVersion: JsonSchema = {
  type: 'string',
  description: 'API group and version that the object is written in, for example apps/v1.',
};
const kind: JsonSchema = { type: 'string', description: 'Kind of the object, which says what fields it has.' };

/** The kind of a definition. */
export function kindOf(definition: AnyResourceDefinition): GroupVersionKind {
  return { group: definition.group, version: definition.version, kind: definition.kind };
}

/** Names of a definition's two components. */
export function componentsOf(definition: AnyResourceDefinition): { readonly object: string; readonly list: string } {
  const { group, version } = definition;
  return {
    object: componentName(group, version, definition.kind),
    list: componentName(group, version, definition.listKind),
  };
}

function addKind(
  converter: SchemaConverter,
  name: string,
  gvks: readonly GroupVersionKind[],
  description: string | undefined,
  { properties, required }: JsonSchema,
): void {
  const schema: JsonSchema = {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: { apiVersion, kind, ...properties },
    ...(required === undefined ? {} : { required }),
  };
  const converted: OpenApiSchema = { ...converter.convert(schema), [gvkKey]: gvks };
  converter.components.set(name, converted);
}

function addDefinition(converter: SchemaConverter, definition: AnyResourceDefinition): void {
  const names = componentsOf(definition);
  const schema = jsonSchema(definition.schema);
  const { group, version, kind: objectKind, listKind } = definition;
  addKind(converter, names.object, [{ group, version, kind: objectKind }], definition.description, {
    ...schema,
    properties: { metadata: jsonSchema(objectMetaSchema), ...schema.properties },
  });
  addKind(converter, names.list, [{ group, version, kind: listKind }], `A list of ${objectKind} objects.`, {
    properties: { metadata: jsonSchema(listMetaSchema) },
    required: ['items'],
  });
  const list = converter.components.get(names.list);
  Object.assign(list?.properties ?? {}, {
    items: { type: 'array', description: 'The objects.', items: converter.reference(names.object) },
  });
}

/** Adds the components of the definitions, and of the kinds that every group has, to the converter. */
export function addComponents(converter: SchemaConverter, definitions: readonly AnyResourceDefinition[]): void {
  for (const definition of definitions) {
    addDefinition(converter, definition);
    for (const { request } of definition.actions ?? []) addDefinition(converter, request);
  }
  const status = jsonSchema(statusSchema);
  addKind(
    converter,
    metaComponent('Status'),
    [{ group: '', version: 'v1', kind: 'Status' }],
    status.description,
    status,
  );
  const versions = new Set(['v1', ...definitions.map((d) => apiVersionOf(d.group, d.version))]);
  const deleteOptions = jsonSchema(deleteOptionsSchema);
  addKind(
    converter,
    metaComponent('DeleteOptions'),
    [...versions].map((text) => {
      const slash = text.indexOf('/');
      return { group: text.slice(0, Math.max(slash, 0)), version: text.slice(slash + 1), kind: 'DeleteOptions' };
    }),
    deleteOptions.description,
    deleteOptions,
  );
  converter.components.set(metaComponent('Patch'), {
    type: 'object',
    description: 'Changes to an object, in the notation that the Content-Type names.',
  });
}

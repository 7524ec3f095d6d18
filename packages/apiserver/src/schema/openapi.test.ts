import { describe, expect, it } from 'vitest';
import { trialDefinitions } from '../discovery/trial-definitions.test-support.ts';
import { openApiV2 } from './openapi-v2.ts';
import { openApiV3 } from './openapi-v3.ts';

const info = { title: 'Trial', version: 'v1' };
const example = trialDefinitions.filter((d) => d.group === 'example.com');
// Any: documents are compared with literals
const v3: any = openApiV3(example, info);
// Any: documents are compared with literals
const v2: any = openApiV2(trialDefinitions, info);

const item = '/apis/example.com/v1alpha1/namespaces/{namespace}/widgets/{name}';
const widget = 'com.example.v1alpha1.Widget';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** All values of a key, anywhere in a document. */
function collect(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([k, v]) => (k === key ? [v] : collect(v, key)));
}

describe('openApiV3', () => {
  it('has the operations that the storages have', () => {
    const methods = Object.entries<object>(v3.paths).map(([path, operations]) => [
      path.replace('/apis/example.com/v1alpha1/', ''),
      Object.keys(operations).filter((k) => k !== 'parameters'),
    ]);
    expect(Object.fromEntries(methods)).toEqual({
      'namespaces/{namespace}/widgets': ['get', 'post', 'delete'],
      widgets: ['get'],
      'namespaces/{namespace}/widgets/{name}': ['get', 'put', 'patch', 'delete'],
      'namespaces/{namespace}/widgets/{name}/approval': ['get', 'put', 'patch'],
      'namespaces/{namespace}/gadgets': ['get'],
      gadgets: ['get'],
      'namespaces/{namespace}/gadgets/{name}': ['get'],
    });
    const ids = collect(v3.paths, 'operationId');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('patchExampleComV1alpha1NamespacedWidgetApproval');
    expect(ids).toContain('listExampleComV1alpha1WidgetForAllNamespaces');
  });

  it('says what a deletion is answered with', () => {
    const answerOf = (document: typeof v3) =>
      document.paths[item].delete.responses[200].content['application/json'].schema;
    expect(answerOf(v3)).toEqual({ $ref: `#/components/schemas/${meta}.Status` });
    const shown = example.map((definition) => ({ ...definition, showsDeleted: true }));
    expect(answerOf(openApiV3(shown, info))).toEqual({ $ref: `#/components/schemas/${widget}` });
  });

  it('says what kubectl looks for on writes', () => {
    const { patch, put } = v3.paths[item];
    expect(patch['x-kubernetes-action']).toBe('patch');
    expect(patch['x-kubernetes-group-version-kind']).toEqual({
      group: 'example.com',
      version: 'v1alpha1',
      kind: 'Widget',
    });
    const names = (operation: { parameters: { name: string; in: string }[] }) =>
      operation.parameters.filter((p) => p.in === 'query').map((p) => p.name);
    expect(names(patch)).toEqual(['pretty', 'dryRun', 'fieldManager', 'fieldValidation', 'force']);
    expect(names(put)).toEqual(['pretty', 'dryRun', 'fieldManager', 'fieldValidation']);
    expect(Object.keys(patch.requestBody.content)).toEqual([
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
    ]);
    const core = openApiV3(
      trialDefinitions.filter((d) => d.group === ''),
      info,
    ) as typeof v3;
    expect(Object.keys(core.paths['/api/v1/namespaces/{name}'].patch.requestBody.content)).not.toContain(
      'application/strategic-merge-patch+json',
    );
    expect(core.paths['/api/v1/namespaces'].post.requestBody.required).toBe(true);
  });

  it('describes kinds, their lists and metadata', () => {
    const { schemas } = v3.components;
    expect(schemas[widget]).toMatchObject({
      type: 'object',
      description: 'A widget, as a test has it.',
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1alpha1', kind: 'Widget' }],
    });
    expect(Object.keys(schemas[widget].properties)).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    expect(schemas[widget].properties.metadata.allOf).toEqual([{ $ref: `#/components/schemas/${meta}.ObjectMeta` }]);
    expect(schemas[`${widget}List`].properties.items.items).toEqual({ $ref: `#/components/schemas/${widget}` });
    const { finalizers, ownerReferences, labels } = schemas[`${meta}.ObjectMeta`].properties;
    expect(finalizers).toMatchObject({ 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' });
    expect(ownerReferences).toMatchObject({
      'x-kubernetes-patch-merge-key': 'uid',
      'x-kubernetes-list-map-keys': ['uid'],
    });
    expect(labels.additionalProperties).toEqual({ type: 'string' });
    const gvks = schemas[`${meta}.DeleteOptions`]['x-kubernetes-group-version-kind'];
    expect(gvks).toContainEqual({ group: 'example.com', version: 'v1alpha1', kind: 'DeleteOptions' });
    expect(gvks).toContainEqual({ group: '', version: 'v1', kind: 'DeleteOptions' });
  });

  it('flattens unions', () => {
    const { spec, status } = v3.components.schemas[widget].properties;
    expect(spec.properties.color).toEqual({
      description: 'Color of the widget.',
      type: 'string',
      enum: ['red', 'blue'],
    });
    expect(spec.properties.port).toEqual({
      description: 'Name or number of a port.',
      'x-kubernetes-int-or-string': true,
    });
    expect(spec.properties.free).toEqual({ description: 'Anything.', 'x-kubernetes-preserve-unknown-fields': true });
    expect(status.properties.publishedAt).toEqual({
      description: 'When it was published.',
      type: 'string',
      format: 'date-time',
      nullable: true,
    });
    expect(spec.properties.tasks.items.required).toEqual(['type']);
  });

  it('describes every field of its own', () => {
    function undescribed(schema: Record<string, unknown>, path: string): string[] {
      const properties = Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>);
      const items = schema.items as Record<string, unknown> | undefined;
      return [
        ...properties.flatMap(([name, property]) => [
          ...(property.description === undefined ? [`${path}.${name}`] : []),
          ...undescribed(property, `${path}.${name}`),
        ]),
        ...(items === undefined ? [] : undescribed(items, `${path}[]`)),
      ];
    }
    const schemas = Object.entries<Record<string, unknown>>(v3.components.schemas);
    expect(schemas.flatMap(([name, schema]) => undescribed(schema, name))).toEqual([]);
  });
});

describe('references', () => {
  it.each([
    ['v3', v3, '#/components/schemas/', v3.components.schemas],
    ['v2', v2, '#/definitions/', v2.definitions],
  ])('of %s all lead somewhere', (_, document, prefix, schemas) => {
    const references = [...new Set(collect(document, '$ref'))] as string[];
    expect(references.length).toBeGreaterThan(8);
    expect(references.filter((r) => !r.startsWith(prefix) || !(r.slice(prefix.length) in schemas))).toEqual([]);
    expect(collect(document, 'x-openapi-component')).toEqual([]);
  });
});

describe('openApiV2', () => {
  it('has all groups, with what Swagger 2 knows only', () => {
    expect(v2.swagger).toBe('2.0');
    expect(Object.keys(v2.paths)).toContain('/api/v1/namespaces/{namespace}/secrets/{name}');
    expect(v2.paths[item].put.parameters[0]).toEqual({
      name: 'body',
      in: 'body',
      required: true,
      schema: { $ref: `#/definitions/${widget}` },
    });
    expect(v2.paths[item].patch.consumes).toContain('application/merge-patch+json');
    expect(collect(v2, 'nullable')).toEqual([]);
    expect(collect(v2, 'oneOf')).toEqual([]);
    expect(v2.definitions[widget].properties.metadata.$ref).toBe(`#/definitions/${meta}.ObjectMeta`);
  });
});

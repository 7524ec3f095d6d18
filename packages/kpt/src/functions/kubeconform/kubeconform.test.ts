import { describe, expect, it } from 'vitest';
import { configMap, functionConfig, objectsOf } from '../../testing/run-function.ts';
import type { KrmObject } from '../../yaml/krm-object.ts';
import type { FunctionOutput } from '../function.ts';
import { functionFailure } from '../reporting.ts';
import { kubeconform } from './kubeconform.ts';

const controller = `apiVersion: v1
kind: ReplicationController
metadata:
  name: bob
spec:
  replicas: asdf
  templates: {}
`;

/** The part of Kubernetes' own schema that the tests need, as `kubectl get --raw /openapi/v2` has it. */
const swagger = {
  swagger: '2.0',
  definitions: {
    controller: {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec: { $ref: '#/definitions/spec' },
      },
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'ReplicationController' }],
    },
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer', format: 'int32' },
        limit: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
      },
    },
    'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
  },
};

const widgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
  annotations:
    config.kubernetes.io/local-config: "true"
spec:
  group: example.com
  names:
    kind: Widget
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            properties:
              size:
                type: integer
                minimum: 1
              ports:
                type: array
                items:
                  type: object
                  required: [port]
`;

const widget = (spec: string, version = 'v1') =>
  `apiVersion: example.com/${version}\nkind: Widget\nmetadata:\n  name: w\n  namespace: shop\n${spec}`;

function run(text: string, config?: KrmObject, files: Readonly<Record<string, unknown>> = {}): FunctionOutput {
  const texts = new Map(
    Object.entries(files).map(([path, file]) => [path, typeof file === 'string' ? file : JSON.stringify(file)]),
  );
  return kubeconform.run({ items: objectsOf(text), config, readFile: (path) => texts.get(path) });
}

function messages({ results }: FunctionOutput): readonly string[] {
  return results.map(({ field, message }) => `${field?.path ?? ''}: ${message}`);
}

const missing =
  ': could not find schema for Widget of example.com/v1: put it into the directory of --schema-dir, give it in schema_location or ' +
  'additional_schema_locations, set ignore_missing_schemas, or put the kind into skip_kinds';

describe('custom resources of the package', () => {
  it('pass where they are as their definition says', () => {
    expect(run(`${widgets}---\n${widget('spec:\n  size: 2\n')}`)).toEqual({ results: [] });
  });

  it('fail with one error for each violation', () => {
    const output = run(`${widgets}---\n${widget('spec:\n  size: 0\n  ports: [{port: 1}, {}]\n')}`);
    expect(output.failed).toBe(functionFailure);
    const common = {
      severity: 'error',
      resourceRef: { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', namespace: 'shop' },
      file: { path: 'resources.yaml', index: 1 },
    };
    expect(output.results).toEqual([
      { message: 'minimum: got 0, want 1', ...common, field: { path: 'spec.size' } },
      { message: "missing property 'port'", ...common, field: { path: 'spec.ports.1' } },
    ]);
  });

  it('fail with strict where they have fields that their definition does not name', () => {
    const text = `${widgets}---\n${widget('spec: {sise: 2}\nmore: 1\n')}`;
    expect(run(text)).toEqual({ results: [] });
    expect(messages(run(text, configMap({ strict: 'true' })))).toEqual([
      "spec: additional properties 'sise' not allowed",
      ": additional properties 'more' not allowed",
    ]);
  });

  it('have what they merge', () => {
    const check = (spec: string) =>
      messages(run(`${widgets}---\n${widget(`spec: ${spec}\n`)}`, configMap({ strict: 'true' })));
    expect(check('{<<: [{size: 2}, {size: 0}]}')).toEqual([]);
    expect(check('{<<: {size: 0, colour: red}, ports: []}')).toHaveLength(2);
    expect(check('{<<: 1}')).toEqual([expect.stringContaining('the value of a merge key (<<) must be a mapping')]);
  });

  it('have what their aliases stand for, however many there are', () => {
    const check = (spec: string) => messages(run(`${widgets}---\n${widget(`spec: ${spec}\n`)}`));
    const many = (first: string) => `{size: 1, other: [&p ${first}${', *p'.repeat(300)}]}`;
    expect(check(many('{port: 1}'))).toEqual([]);
    expect(check(`{size: &s 0, copies: [${'*s, '.repeat(300)}]}`)).toEqual(['spec.size: minimum: got 0, want 1']);
    expect(check('&s {size: 1, self: *s}')).toEqual([
      expect.stringContaining('an alias stands for something that it is part of'),
    ]);
  });

  it('are known by group, version and kind, also from definitions of the older form', () => {
    expect(messages(run(`${widgets}---\n${widget('', 'v2')}`))).toEqual([missing.replace('com/v1', 'com/v2')]);
    const old = widgets
      .replace('io/v1', 'io/v1beta1')
      .replace('  versions:\n  - name: v1\n    schema:\n', '  version: v1\n  validation:\n')
      .replaceAll(/^ {6}/gm, '    ');
    expect(messages(run(`${old}---\n${widget('')}`))).toEqual([": missing property 'spec'"]);
  });

  it.each([
    ['has no spec', widgets.slice(0, widgets.indexOf('spec:'))],
    ['has no names', widgets.replace('  names:\n    kind: Widget\n', '')],
    ['is of another group', widgets.replace('apiextensions.k8s.io', 'example.com')],
  ])('are not defined by what %s', (_, definition) => {
    expect(messages(run(`${definition}---\n${widget('')}`))).toEqual([missing]);
  });

  it('fail with the reason where their schema cannot be used', () => {
    const broken = widgets
      .replace('minimum: 1', "pattern: '('\n                minLength: 1")
      .replace('type: integer', 'type: string');
    expect(messages(run(`${broken}---\n${widget('spec: {size: a}\n')}`))[0]).toMatch(
      /^: CustomResourceDefinition widgets.example.com \(resources.yaml\): pattern "\(" cannot be used/,
    );
  });
});

describe('schemas that are given', () => {
  const wanted = [
    'spec.replicas: got string, want null or integer',
    "spec: additional properties 'templates' not allowed",
  ];
  const strict = { strict: 'true' };
  const plain = { properties: { spec: { properties: { replicas: { type: ['integer', 'null'] } } } } };
  const closed = { properties: { spec: { ...plain.properties.spec, additionalProperties: false } } };

  it.each<[string, Record<string, string>, Record<string, unknown>]>([
    ['an OpenAPI document in the default place', {}, { 'swagger.json': swagger }],
    [
      'an OpenAPI document of version 3',
      {},
      {
        'openapi.json': {
          openapi: '3.0.0',
          components: {
            schemas: JSON.parse(
              JSON.stringify(swagger.definitions).replaceAll('#/definitions', '#/components/schemas'),
            ),
          },
        },
      },
    ],
    ['an OpenAPI document by its name', { schema_location: 'k8s/api.json' }, { 'k8s/api.json': swagger }],
    ['a folder', { schema_location: 'schemas' }, { 'schemas/replicationcontroller-v1.json': closed }],
    [
      'a folder for strict schemas',
      { schema_location: 'schemas' },
      { 'schemas/master-standalone-strict/replicationcontroller-v1.json': closed },
    ],
    [
      'a folder for other schemas',
      { schema_location: 'file:///schemas' },
      { 'schemas/master-standalone/replicationcontroller-v1.json': closed },
    ],
    [
      'a template',
      { additional_schema_locations: 'none, s/{{ .ResourceAPIVersion }}/{{.ResourceKind}}{{ .StrictSuffix }}.json' },
      { 's/v1/replicationcontroller-strict.json': closed },
    ],
    ['a file for everything', { schema_location: 'any.json' }, { 'any.json': closed }],
    [
      'references to other files',
      { schema_location: 's' },
      {
        's/replicationcontroller-v1.json': {
          properties: { spec: { $ref: 'more/_definitions.json#/definitions/spec' } },
        },
        's/more/_definitions.json': { definitions: { spec: closed.properties.spec } },
      },
    ],
  ])('are found: %s', (_, config, files) => {
    const output = run(controller, configMap({ ...config, ...strict }), files);
    expect(messages(output)).toEqual(wanted);
    expect(output.failed).toBe(functionFailure);
  });

  it('are not strict unless that is asked', () => {
    expect(messages(run(controller, undefined, { 'swagger.json': swagger }))).toEqual(wanted.slice(0, 1));
    const both = {
      's/master-standalone/replicationcontroller-v1.json': plain,
      's/master-standalone-strict/replicationcontroller-v1.json': closed,
    };
    expect(messages(run(controller, configMap({ schema_location: 's' }), both))).toEqual(wanted.slice(0, 1));
  });

  it.each(['true', '{"openapi": "3.0.0"}'])('may take anything: %s', (schema) => {
    expect(run(controller, configMap({ schema_location: 's.json' }), { 's.json': schema })).toEqual({ results: [] });
  });

  it.each(['5', '5Gi'])('take %s for a quantity', (limit) => {
    const text = controller.replace('replicas: asdf\n  templates: {}', `limit: ${limit}`);
    expect(run(text, configMap(strict), { 'swagger.json': swagger })).toEqual({ results: [] });
  });

  it('are looked for where the configuration says, and nowhere else', () => {
    const config = configMap({ schema_location: 'here' });
    expect(messages(run(controller, config, { 'swagger.json': swagger }))[0]).toContain('could not find schema');
  });

  it.each([
    [
      'the network',
      configMap({ schema_location: 'https://example.com/x' }),
      {},
      'schema location "https://example.com/x" is elsewhere',
    ],
    [
      'the network, further down',
      configMap({ additional_schema_locations: 'a,http://b' }),
      {},
      'schema location "http://b" is elsewhere',
    ],
    ...['[]', '"x"', 'null', '1'].map((file): [string, KrmObject, Record<string, unknown>, string] => [
      `a file with ${file}`,
      configMap({ schema_location: 's.json' }),
      { 's.json': file },
      'schema file "s.json" is no schema: it must hold a JSON object, true or false',
    ]),
    ['a file that is no JSON', undefined, { 'swagger.json': '{' }, 'schema file "swagger.json" is no JSON'],
  ])('are refused from %s', (_, config, files, reason) => {
    const output = run(controller, config, files);
    expect(output.failed).toBe(functionFailure);
    expect(output.results.map(({ message }) => message)).toEqual([expect.stringContaining(reason)]);
  });
});

describe('a configuration', () => {
  const of = (data: string) =>
    functionConfig(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  ${data}\n`);
  it.each([
    ['strict: "yes"', '`strict` must be true or false, not "yes"'],
    ['strict: 10', '`strict` must be true or false, not "10"'],
    ['ignore_missing_schemas: 2', '`ignore_missing_schemas` must be true or false, not "2"'],
    ['skip_kinds: [Widget]', '`data.skip_kinds` must be a text; several are separated by commas'],
    ['schema_location: {a: b}', '`data.schema_location` must be a text; several are separated by commas'],
    ['strict: [true]', '`data.strict` must be a text; several are separated by commas'],
  ])('is refused with %s', (data, message) => {
    expect(run(widget(''), of(data))).toEqual({ results: [{ message, severity: 'error' }], failed: functionFailure });
  });

  it.each(['true', '"TRUE"', '1'])('can say %s', (value) => {
    expect(run(widget(''), of(`ignore_missing_schemas: ${value}`))).toEqual({ results: [] });
  });

  it.each(['false', '"False"', '0', '""', ''])('can say no with %s', (value) => {
    expect(messages(run(widget(''), of(`ignore_missing_schemas: ${value}`)))).toEqual([missing]);
  });
});

describe('resources without a schema', () => {
  it('fail', () => expect(messages(run(widget('')))).toEqual([missing]));

  it.each([
    ['ignore_missing_schemas', configMap({ ignore_missing_schemas: 'true' })],
    [
      'ignore_missing_schemas of an object of its own',
      functionConfig(
        'apiVersion: fn.kpt.dev/v1alpha1\nkind: Kubeconform\nmetadata:\n  name: c\nignore_missing_schemas: true\n',
      ),
    ],
    ['skip_kinds by kind', configMap({ skip_kinds: 'Gadget,Widget' })],
    ['skip_kinds with apiVersion', configMap({ skip_kinds: 'example.com/v1/Widget' })],
  ])('pass with %s', (_, config) => expect(run(widget(''), config)).toEqual({ results: [] }));

  it('pass where they are for tools only', () => {
    const local =
      'apiVersion: x.y/v1\nkind: Z\nmetadata:\n  name: z\n  annotations:\n    config.kubernetes.io/local-config: "true"\n';
    const kustomizations =
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n---\nkind: Kustomization\n';
    expect(
      run(`${local}---\napiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: p\n---\n${kustomizations}`),
    ).toEqual({
      results: [],
    });
  });
});

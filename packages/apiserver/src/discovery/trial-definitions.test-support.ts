import Type from 'typebox';
import type { KubernetesObject } from '../meta/object.ts';
import type { AnyResourceDefinition, ResourceDefinition, ResourceStorage } from '../registry/resource.ts';

/** Definitions that the tests of discovery and OpenAPI describe. Their storage is never called. */

function uncalled(): never {
  throw new Error('discovery must not call a storage');
}

const reads: ResourceStorage<KubernetesObject> = { get: uncalled, list: uncalled, watch: uncalled };
const all: ResourceStorage<KubernetesObject> = {
  ...reads,
  create: uncalled,
  update: uncalled,
  delete: uncalled,
  deleteCollection: uncalled,
};

const base = { strategy: {}, table: { columns: [], cells: () => [] }, namespaced: true } as const;

const named = Type.Object(
  { name: Type.String({ description: 'Name of the widget.' }) },
  { description: 'Another widget.' },
);

const widget: ResourceDefinition = {
  ...base,
  group: 'example.com',
  version: 'v1alpha1',
  plural: 'widgets',
  singular: 'widget',
  kind: 'Widget',
  listKind: 'WidgetList',
  shortNames: ['wd'],
  categories: ['all'],
  description: 'A widget, as a test has it.',
  schema: Type.Object({
    spec: Type.Optional(
      Type.Object(
        {
          color: Type.Optional(
            Type.Union([Type.Literal('red'), Type.Literal('blue')], { description: 'Color of the widget.' }),
          ),
          count: Type.Optional(Type.Integer({ description: 'How many there are.' })),
          files: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Files by path.' })),
          port: Type.Optional(
            Type.Union([Type.String(), Type.Integer()], { description: 'Name or number of a port.' }),
          ),
          tasks: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  type: Type.String({ description: 'What to do.' }),
                  clone: Type.Optional(
                    Type.Object({ upstreamRef: Type.Optional(named) }, { description: 'Starts from another widget.' }),
                  ),
                },
                { description: 'One task.' },
              ),
              { description: 'How the widget came to be.' },
            ),
          ),
          free: Type.Optional(Type.Unknown({ description: 'Anything.' })),
        },
        { description: 'What the widget is.' },
      ),
    ),
    status: Type.Optional(
      Type.Object(
        {
          publishedAt: Type.Optional(
            Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'When it was published.' }),
          ),
        },
        { description: 'What is known of the widget.' },
      ),
    ),
  }),
  storage: all,
  strategicMergePatch: true,
  subresources: [{ name: 'approval', storage: { get: uncalled, update: uncalled }, strategy: {} }],
};

const gadget: ResourceDefinition = {
  ...base,
  group: 'example.com',
  version: 'v1alpha1',
  plural: 'gadgets',
  singular: 'gadget',
  kind: 'Gadget',
  listKind: 'GadgetList',
  description: 'Read only.',
  schema: Type.Object({}),
  storage: reads,
};

const secret: ResourceDefinition = {
  ...base,
  group: '',
  version: 'v1',
  plural: 'secrets',
  singular: 'secret',
  kind: 'Secret',
  listKind: 'SecretList',
  description: 'Keeps secrets.',
  schema: Type.Object({
    data: Type.Optional(Type.Record(Type.String(), Type.String({ format: 'byte' }), { description: 'Values by key.' })),
  }),
  storage: all,
};

const namespace: ResourceDefinition = {
  ...base,
  group: '',
  version: 'v1',
  plural: 'namespaces',
  singular: 'namespace',
  kind: 'Namespace',
  listKind: 'NamespaceList',
  shortNames: ['ns'],
  namespaced: false,
  description: 'A namespace.',
  schema: Type.Object({}),
  storage: all,
};

export const trialDefinitions: readonly AnyResourceDefinition[] = [namespace, secret, widget, gadget];

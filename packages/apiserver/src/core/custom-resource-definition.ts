import Type from 'typebox';
import type { KubernetesObject } from '../meta/object.ts';
import { ageCell } from '../registry/resource.ts';
import { ageColumn, nameColumn } from './columns.ts';
import type { ResourceKind } from './resource-kind.ts';

/**
 * `customresourcedefinitions` of the group apiextensions.k8s.io, for servers that have none: to be read only, and always empty.
 * kubectl lists them when it checks an object of a kind that it does not find; without an answer it tells its user to turn
 * validation off, and not that there is no such kind.
 */
export const customResourceDefinitionKind: ResourceKind<KubernetesObject> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  kind: 'CustomResourceDefinition',
  listKind: 'CustomResourceDefinitionList',
  shortNames: ['crd', 'crds'],
  namespaced: false,
  description: 'A kind that a server serves without knowing it. This server has none.',
  schema: Type.Object({
    spec: Type.Optional(Type.Object({}, { description: 'The kind.', additionalProperties: true })),
  }),
  strategy: {},
  table: { columns: [nameColumn, ageColumn], cells: ({ metadata }) => [metadata.name ?? '', ageCell] },
  methodHint: 'this server has no custom resources; kubectl api-resources shows the kinds it serves',
};

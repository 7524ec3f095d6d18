import Type from 'typebox';
import type { KubernetesObject } from '../meta/object.ts';
import { ageCell } from '../registry/resource.ts';
import { dropEmpty } from '../schema/drop-empty.ts';
import { fields } from '../schema/fields.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { type ObjectReference, objectReferenceSchema } from './object-reference.ts';
import type { ResourceKind } from './resource-kind.ts';

/** An identity for programs, which roles can be bound to. Core group. */
export interface ServiceAccount extends KubernetesObject {
  secrets?: ObjectReference[];
  imagePullSecrets?: { name?: string }[];
  automountServiceAccountToken?: boolean;
}

const schema = Type.Object({
  secrets: Type.Optional(
    Type.Array(objectReferenceSchema('A Secret in the same namespace.'), {
      description: 'Secrets that programs which run as this account may use.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    }),
  ),
  imagePullSecrets: Type.Optional(
    Type.Array(Type.Object({ name: fields.text('Name of the Secret.') }, { 'x-kubernetes-map-type': 'atomic' }), {
      description: 'Secrets in the same namespace for pulling images.',
      'x-kubernetes-list-type': 'atomic',
    }),
  ),
  automountServiceAccountToken: fields.flag('Whether programs which run as this account get its token.'),
});

/** `serviceaccounts` of the core group. */
export const serviceAccountKind: ResourceKind<ServiceAccount> = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  kind: 'ServiceAccount',
  listKind: 'ServiceAccountList',
  shortNames: ['sa'],
  namespaced: true,
  description: 'An identity for programs, which roles can be bound to.',
  schema,
  strategy: { allowUnconditionalUpdate: true },
  table: {
    columns: [nameColumn, column('Secrets', 'string', 'Number of secrets.'), ageColumn],
    cells: ({ metadata, secrets = [] }) => [metadata.name ?? '', String(secrets.length), ageCell],
  },
  default: (object) => dropEmpty(object, ['secrets', 'imagePullSecrets']),
  showsDeleted: true,
  strategicMergePatch: true,
};

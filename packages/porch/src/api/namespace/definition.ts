import { dns1123LabelErrors, type ResourceDefinition, type ResourceStorage, statusErrors } from '@porch/apiserver';
import { namespaces } from '../../resources/group.ts';
import { type Namespace, namespaceSchema } from '../../resources/namespace.ts';
import { namespaceSelectors } from './selectors.ts';
import { namespaceStrategy } from './strategy.ts';
import { namespaceTable } from './table.ts';

/** The namespace that always exists. */
export const defaultNamespace = 'default';

/** What the resource is made of. */
export interface NamespaceOptions {
  /** Where namespaces are kept. */
  readonly stored: Required<ResourceStorage<Namespace>>;
}

function namespaceStorage({ stored }: NamespaceOptions): ResourceStorage<Namespace> {
  const { deleteCollection: _, ...verbs } = stored;
  return {
    ...verbs,
    async delete(context, name, options) {
      if (name === defaultNamespace) {
        throw statusErrors.forbidden({ group: '', resource: namespaces }, name, 'this namespace may not be deleted');
      }
      return stored.delete(context, name, options);
    },
  };
}

/** `namespaces` of the core group. As in Kubernetes, they are not deleted in bulk. */
export function namespaceDefinition(options: NamespaceOptions): ResourceDefinition<Namespace> {
  return {
    group: '',
    version: 'v1',
    plural: 'namespaces',
    singular: 'namespace',
    kind: 'Namespace',
    listKind: 'NamespaceList',
    shortNames: ['ns'],
    namespaced: false,
    nameErrors: dns1123LabelErrors,
    description: 'A scope for the names of other objects.',
    schema: namespaceSchema,
    strategy: namespaceStrategy,
    storage: namespaceStorage(options),
    table: namespaceTable,
    selectableFields: namespaceSelectors,
    strategicMergePatch: true,
  };
}

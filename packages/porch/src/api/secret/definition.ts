import { dropEmpty, type ResourceDefinition, type ResourceStorage } from '@porch/apiserver';
import { type Secret, secretSchema } from '../../resources/secret.ts';
import type { NamespaceGate } from '../namespace/gate.ts';
import { storageInNamespaces } from '../namespace/storage-in-namespaces.ts';
import { mergeStringData } from './data-rules.ts';
import { secretSelectors } from './selectors.ts';
import { secretStrategy } from './strategy.ts';
import { secretTable } from './table.ts';

/** What the resource is made of. */
export interface SecretOptions {
  /** Where Secrets are kept, encrypted. */
  readonly stored: Required<ResourceStorage<Secret>>;
  readonly gate: NamespaceGate;
}

/** `secrets` of the core group. */
export function secretDefinition({ stored, gate }: SecretOptions): ResourceDefinition<Secret> {
  return {
    group: '',
    version: 'v1',
    plural: 'secrets',
    singular: 'secret',
    kind: 'Secret',
    listKind: 'SecretList',
    namespaced: true,
    description: 'Credentials and other confidential data.',
    schema: secretSchema,
    strategy: secretStrategy,
    storage: storageInNamespaces(stored, gate, { group: '', resource: 'secrets' }),
    table: secretTable,
    selectableFields: secretSelectors,
    default(object) {
      mergeStringData(object);
      dropEmpty(object, ['data']);
    },
    normalizeApplied: mergeStringData,
    strategicMergePatch: true,
  };
}

import type { ResourceDefinition, ResourceStorage } from '@porch/apiserver';
import { type FunctionConfig, functionConfigSchema } from '../../resources/function-config.ts';
import { configGroup, configVersion } from '../../resources/group.ts';
import type { NamespaceGate } from '../namespace/gate.ts';
import { storageInNamespaces } from '../namespace/storage-in-namespaces.ts';
import { functionConfigSelectors } from './selectors.ts';
import { functionConfigStatusStrategy, functionConfigStrategy } from './strategy.ts';
import { functionConfigTable } from './table.ts';

/** What the resource is made of. */
export interface FunctionConfigOptions {
  readonly stored: Required<ResourceStorage<FunctionConfig>>;
  readonly gate: NamespaceGate;
}

/** `functionconfigs.config.porch.kpt.dev`, with the subresource status. */
export function functionConfigDefinition({ stored, gate }: FunctionConfigOptions): ResourceDefinition<FunctionConfig> {
  const { get, update } = stored;
  return {
    group: configGroup,
    version: configVersion,
    plural: 'functionconfigs',
    singular: 'functionconfig',
    kind: 'FunctionConfig',
    listKind: 'FunctionConfigList',
    namespaced: true,
    description: 'How the images of a function are run.',
    schema: functionConfigSchema,
    strategy: functionConfigStrategy,
    storage: storageInNamespaces(stored, gate, { group: configGroup, resource: 'functionconfigs' }),
    subresources: [{ name: 'status', storage: { get, update }, strategy: functionConfigStatusStrategy, status: true }],
    table: functionConfigTable,
    selectableFields: functionConfigSelectors,
    hasGeneration: true,
  };
}

import type { ResourceDefinition } from '@porch/apiserver';
import { configGroup, configVersion } from '../../resources/group.ts';
import type { RemoteUrlOptions } from '../../resources/remote-url.ts';
import { type Repository, repositorySchema } from '../../resources/repository.ts';
import { withRepositoryDefaults } from '../../resources/repository-defaults.ts';
import { repositorySelectors } from './selectors.ts';
import { type RepositoryStorageOptions, repositoryStorage } from './storage.ts';
import { repositoryStatusStrategy, repositoryStrategy } from './strategy.ts';
import { repositoryTable } from './table.ts';

/** What the resource is made of. */
export interface RepositoryOptions extends RemoteUrlOptions, RepositoryStorageOptions {}

/** `repositories.config.porch.kpt.dev`, with the subresource status. */
export function repositoryDefinition(options: RepositoryOptions): ResourceDefinition<Repository> {
  const { get, update } = options.stored;
  return {
    group: configGroup,
    version: configVersion,
    plural: 'repositories',
    singular: 'repository',
    kind: 'Repository',
    listKind: 'RepositoryList',
    shortNames: ['repo'],
    namespaced: true,
    description: 'A registered repository of packages.',
    schema: repositorySchema,
    strategy: repositoryStrategy(options),
    storage: repositoryStorage(options),
    subresources: [{ name: 'status', storage: { get, update }, strategy: repositoryStatusStrategy, status: true }],
    table: repositoryTable,
    selectableFields: repositorySelectors,
    default(object) {
      withRepositoryDefaults(object);
    },
    hasGeneration: true,
  };
}

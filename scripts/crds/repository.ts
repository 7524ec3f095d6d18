import { configGroup, configVersion } from '../../packages/porch/src/resources/group.ts';
import { repositorySchema } from '../../packages/porch/src/resources/repository.ts';
import type { CustomResource, ValidationRule } from './custom-resource.ts';

/** A field that keeps its value once it has one. */
function immutable(field: string): ValidationRule {
  const name = field.split('.').at(-1) ?? '';
  return {
    rule: `!has(oldSelf.${name}) || (has(self.${name}) && self.${name} == oldSelf.${name})`,
    message: `spec.${field} is immutable`,
  };
}

export const repositoryResource: CustomResource = {
  group: configGroup,
  version: configVersion,
  kind: 'Repository',
  plural: 'repositories',
  singular: 'repository',
  shortNames: ['repo'],
  description: 'A registered repository of packages.',
  schema: repositorySchema,
  rules: {
    '': [
      {
        rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        message: 'metadata.name must conform to the RFC1123 DNS label standard',
      },
      { rule: 'size(self.metadata.name) <= 63', message: 'metadata.name must be no more than 63 characters' },
    ],
    spec: [immutable('type')],
    'spec.git': [immutable('git.repo'), immutable('git.branch'), immutable('git.directory')],
    'spec.oci': [immutable('oci.registry')],
  },
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Content', type: 'string', jsonPath: '.spec.content' },
    { name: 'Sync Schedule', type: 'string', jsonPath: '.spec.sync.schedule' },
    { name: 'Deployment', type: 'boolean', jsonPath: '.spec.deployment' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Address', type: 'string', jsonPath: '.spec.git.repo' },
    { name: 'Branch', type: 'string', jsonPath: '.spec.git.branch' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason", priority: 1 },
    { name: 'Message', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].message", priority: 1 },
  ],
  hasStatus: true,
};

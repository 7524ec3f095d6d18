import { configGroup, configVersion } from '../../packages/porch/src/resources/group.ts';
import type { CustomResource } from './custom-resource.ts';

/** What the Go server keeps of package revisions beside Git: only metadata, which `porch import` takes over. */
export const packageRevResource: CustomResource = {
  group: configGroup,
  version: configVersion,
  kind: 'PackageRev',
  plural: 'packagerevs',
  singular: 'packagerev',
  description: 'Metadata of a package revision, as the Go server keeps it. Read by porch import, and by nothing else.',
  schema: { type: 'object', properties: { spec: { type: 'object' }, status: { type: 'object' } } },
  columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
  hasStatus: true,
};

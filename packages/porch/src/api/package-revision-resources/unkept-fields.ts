import type { PackageRevisionResources } from '../../resources/package-revision-resources.ts';
import { semanticEqual } from '../semantic-equal.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const metadataFields = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;
const identityFields = ['packageName', 'workspaceName', 'repository', 'revision'] as const;

/** Warnings of what an update says and nothing keeps: it replaces the files of a package revision, and nothing else. */
export function unkeptFields(object: PackageRevisionResources, old: PackageRevisionResources): string[] {
  const { [lastApplied]: applied, ...annotations } = object.metadata.annotations ?? {};
  const sent = { ...object.metadata, annotations };
  const warnings = metadataFields
    .filter((field) => {
      const said = { [field]: sent[field] };
      return !semanticEqual(said, {}) && !semanticEqual(said, { [field]: old.metadata[field] });
    })
    .map((field) => `metadata.${field} is not kept: set it on the PackageRevision of the same name`);
  if (applied !== undefined) {
    warnings.push(
      'no annotations are kept here, so kubectl apply does not remove files: use kubectl apply --server-side, or kubectl replace',
    );
  }
  for (const field of identityFields) {
    const value = object.spec[field];
    if (value === undefined || semanticEqual(value, old.spec[field])) continue;
    warnings.push(`spec.${field} cannot be changed: it stays ${JSON.stringify(old.spec[field] ?? 0)}`);
  }
  return warnings;
}

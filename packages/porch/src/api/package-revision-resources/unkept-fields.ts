import type { PackageRevisionResources } from '../../resources/package-revision-resources.ts';
import { semanticEqual } from '../semantic-equal.ts';
import { lastApplied, unkeptMetadata } from '../unkept-metadata.ts';

const identityFields = ['packageName', 'workspaceName', 'repository', 'revision'] as const;

/** Warnings of what an update says and nothing keeps: it replaces the files of a package revision, and nothing else. */
export function unkeptFields(object: PackageRevisionResources, old: PackageRevisionResources): string[] {
  const warnings = unkeptMetadata(object, old).map(
    (field) => `metadata.${field} is not kept: set it on the PackageRevision of the same name`,
  );
  if (object.metadata.annotations?.[lastApplied] !== undefined) {
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

import { type ManagedFieldsEntry, type ServedObject, serveObject } from '@porch/apiserver';
import type { RenderOutcome } from '@porch/kpt';
import { type PackageContent, textsOf } from '../cache/content.ts';
import type { ResourcesState } from '../cache/records.ts';
import type { ReadRevision } from '../cache/revision-cache.ts';
import { packageRevisionResources, porchApiVersion } from '../resources/group.ts';
import type { PackageRevisionResources, RenderStatus } from '../resources/package-revision-resources.ts';
import type { EngineParts } from './parts.ts';

/** How a render went, as clients see it. */
export function renderStatusOf({ result, error = '' }: RenderOutcome): RenderStatus {
  return { result, error };
}

/** The files of a package revision as an object. Its resourceVersion is the revision at which the content last changed. */
export function resourcesObject(
  read: ReadRevision,
  content: PackageContent,
  state: ResourcesState = {},
): PackageRevisionResources {
  const { metadata, spec } = read.value;
  const { renderStatus, resourcesManagedFields: owners } = state;
  return {
    apiVersion: porchApiVersion,
    kind: 'PackageRevisionResources',
    metadata: {
      name: read.key.name,
      namespace: read.key.namespace,
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      resourceVersion: String(read.contentRevision),
      ...(metadata.creationTimestamp === undefined ? {} : { creationTimestamp: metadata.creationTimestamp }),
      ...(owners === undefined ? {} : { managedFields: structuredClone(owners) as ManagedFieldsEntry[] }),
    },
    spec: {
      ...(spec.packageName === undefined ? {} : { packageName: spec.packageName }),
      ...(spec.workspaceName === undefined ? {} : { workspaceName: spec.workspaceName }),
      ...(spec.revision === undefined ? {} : { revision: spec.revision }),
      ...(spec.repository === undefined ? {} : { repository: spec.repository }),
      resources: Object.fromEntries(textsOf(content)),
    },
    status: { renderStatus: renderStatus ?? { error: '' } },
  };
}

/** The same, encoded for clients. */
export function serveResources(
  parts: Pick<EngineParts, 'cache'>,
  read: ReadRevision,
  content: PackageContent,
  state: ResourcesState = {},
): ServedObject {
  return serveObject(resourcesObject(read, content, state), {
    resource: packageRevisionResources,
    revision: read.contentRevision,
    contentRevision: read.contentRevision,
    content: read.content,
    rules: parts.cache.rules.get(packageRevisionResources),
  });
}

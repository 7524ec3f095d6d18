import type { RevisionState } from '../../cache/records.ts';
import type { DiscoveredRevision } from '../../git/discovery-types.ts';
import { needsMirroring, type PushDrafts } from '../../outbox/wanted-references.ts';
import { isPublished, type PackageRevision } from '../../resources/package-revision.ts';

/**
 * What was found of a published revision, with the lifecycle that it has here where that has not reached Git yet: that its deletion is
 * proposed, or no longer. The same object where there is nothing of that kind.
 */
export function withOwnLifecycle(
  found: DiscoveredRevision,
  object: PackageRevision | undefined,
  state: RevisionState | undefined,
  mode: PushDrafts,
): DiscoveredRevision {
  const { workspaceName = '', revision = 0 } = object?.spec ?? {};
  if (state === undefined || found.revision !== revision || !isPublished(object?.spec.lifecycle)) return found;
  const lifecycle = object?.spec.lifecycle === 'DeletionProposed' ? 'DeletionProposed' : 'Published';
  if (!isPublished(found.lifecycle) || found.lifecycle === lifecycle) return found;
  return needsMirroring(state, { workspaceName, revision, lifecycle }, mode) ? { ...found, lifecycle } : found;
}

import { isPublished, type PackageRevision } from '../../resources/package-revision.ts';

/**
 * Why a package revision outlives its owners. Deleting a published one deletes from Git, and nothing but a request for just that may; a
 * draft or a proposal goes as if a client had deleted it.
 */
export function publishedStays({ spec }: PackageRevision): string | undefined {
  if (!isPublished(spec.lifecycle)) return undefined;
  return 'a published package revision is deleted on request only: propose its deletion and delete it, or remove metadata.ownerReferences';
}

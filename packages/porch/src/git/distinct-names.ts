import { packageRevisionName } from '../resources/names.ts';
import type { DiscoveredRevision, SkippedReference } from './discovery-types.ts';
import { tagReference } from './layout.ts';

/**
 * Different references may come out as one object of the API: a tag and the draft it was made from, a workspace named like the
 * branch. One of them is listed: numbered revisions before what tracks the branch, before other tags, before proposals, before
 * drafts; the lower number and the usual spelling of the tag first.
 */
export function distinctNames(revisions: readonly DiscoveredRevision[]): {
  readonly revisions: readonly DiscoveredRevision[];
  readonly skipped: readonly SkippedReference[];
} {
  const byName = new Map<string, DiscoveredRevision>();
  const skipped: SkippedReference[] = [];
  const inOrder = [...revisions].sort(
    (a, b) =>
      rank(a) - rank(b) || a.revision - b.revision || Number(spelt(a)) - Number(spelt(b)) || compare(a.ref, b.ref),
  );
  for (const revision of inOrder) {
    const name = packageRevisionName({ repository: '', ...revision });
    const first = byName.get(name);
    if (first === undefined) byName.set(name, revision);
    else skipped.push(sameName(revision, first));
  }
  const listed = [...byName.values()].sort(
    (a, b) =>
      compare(a.packageName, b.packageName) || a.revision - b.revision || compare(a.workspaceName, b.workspaceName),
  );
  return { revisions: listed, skipped };
}

function rank(revision: DiscoveredRevision): number {
  if (revision.revision > 0) return 0;
  if (revision.lifecycle === 'Proposed') return 3;
  if (revision.lifecycle === 'Draft') return 4;
  return revision.ref.startsWith('refs/heads/') ? 1 : 2;
}

/** Whether the tag is spelt otherwise than `v<revision>`. */
function spelt(revision: DiscoveredRevision): boolean {
  return revision.ref !== tagReference(revision.path, revision.revision);
}

function sameName(revision: DiscoveredRevision, first: DiscoveredRevision): SkippedReference {
  return {
    ref: revision.ref,
    id: revision.refs[revision.ref] ?? revision.commit,
    ...(rank(revision) === 1 ? { path: revision.path } : {}),
    kind: 'duplicate',
    reason: `it would have the same name as ${first.ref} (package ${first.packageName}, workspace ${first.workspaceName})`,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

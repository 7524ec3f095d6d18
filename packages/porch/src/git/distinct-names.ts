import { turns } from '@porch/apiserver';
import { packageRevisionName } from '../resources/names.ts';
import type { DiscoveredRevision, Found, SkippedReference } from './discovery-types.ts';
import { tagReference } from './layout.ts';

/**
 * Different references may come out as one object of the API: a tag and the draft it was made from, a workspace named like the
 * branch. One of them is listed: numbered revisions before what tracks the branch, before other tags, before proposals, before
 * drafts; the lower number and the usual spelling of the tag first.
 */
export async function distinctNames(revisions: readonly DiscoveredRevision[]): Promise<Found> {
  const byName = new Map<string, DiscoveredRevision[]>();
  for (const revision of revisions) {
    if (turns.over) await turns.next();
    const { packageName, workspaceName } = revision;
    const name = packageRevisionName({ repository: '', packageName, workspaceName });
    const others = byName.get(name);
    if (others === undefined) byName.set(name, [revision]);
    else others.push(revision);
  }
  const listed: DiscoveredRevision[] = [];
  const twice: { readonly other: DiscoveredRevision; readonly first: DiscoveredRevision }[] = [];
  for (const alike of byName.values()) {
    const [first, ...others] = alike.length === 1 ? alike : alike.sort(byPreference);
    if (first !== undefined) listed.push(first);
    for (const other of others) if (first !== undefined) twice.push({ other, first });
  }
  await turns.next();
  listed.sort(
    (a, b) =>
      compare(a.packageName, b.packageName) || a.revision - b.revision || compare(a.workspaceName, b.workspaceName),
  );
  const skipped = twice
    .sort((a, b) => byPreference(a.other, b.other))
    .map(({ other, first }) => sameName(other, first));
  return { revisions: listed, skipped };
}

function byPreference(a: DiscoveredRevision, b: DiscoveredRevision): number {
  return rank(a) - rank(b) || a.revision - b.revision || Number(spelt(a)) - Number(spelt(b)) || compare(a.ref, b.ref);
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
  const { packageName, workspaceName } = first;
  return {
    ref: revision.ref,
    id: revision.refs[revision.ref] ?? revision.commit,
    ...(rank(revision) === 1 ? { path: revision.path } : {}),
    kind: 'duplicate',
    listed: { packageName, workspaceName },
    reason: `it would have the same name as ${first.ref} (package ${packageName}, workspace ${workspaceName})`,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

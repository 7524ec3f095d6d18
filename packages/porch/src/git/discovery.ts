import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { branchRevisions } from './branch-revisions.ts';
import { CommitIndex } from './commit-index.ts';
import { recoverTasks } from './creation-task.ts';
import type {
  DiscoveredRevision,
  Discovery,
  DiscoveryMemory,
  DiscoveryOptions,
  SkippedReference,
} from './discovery-types.ts';
import { distinctNames } from './distinct-names.ts';
import { forEachOf } from './for-each-of.ts';
import { type Candidate, candidateOf, readCandidate, treesOf } from './found-reference.ts';
import { branchReference, deletionProposedReference } from './layout.ts';
import type { ObjectId } from './types.ts';

/** Revisions to work on before others have their turn. */
const atOnce = 500;

/** Makes what discoveries of one mirror remember from one to the next. */
export function createDiscoveryMemory(): DiscoveryMemory {
  return { commits: new CommitIndex(), barren: new Set() };
}

/**
 * All package revisions that the references of a remote say there are. The mirror must have been fetched since. References that
 * name what they named in `known` are not read again, and revisions in which nothing changed are the same objects as there.
 * @throws GitError when Git cannot be asked; content that makes no sense is skipped, never thrown
 */
export async function discoverRevisions(options: DiscoveryOptions): Promise<Discovery> {
  const memory = options.memory ?? createDiscoveryMemory();
  const head = options.references.refs.get(branchReference(options.branch)) ?? null;
  const tagged = await taggedAndDrafts(options, memory);
  const tracked = await onBranch(options, memory, head);
  const named = distinctNames([...tagged.revisions, ...tracked.revisions]);
  const previous = new Map(options.known?.revisions.map((revision) => [identity(revision), revision]));
  return {
    head,
    revisions: named.revisions.map((revision) => {
      const current = withDeletionProposal(revision, options.references.refs);
      const before = previous.get(identity(current));
      return before !== undefined && before !== current && isDeepStrictEqual(before, current) ? before : current;
    }),
    skipped: [...tagged.skipped, ...tracked.skipped, ...named.skipped],
  };
}

interface Part {
  readonly revisions: readonly DiscoveredRevision[];
  readonly skipped: readonly SkippedReference[];
}

function identity(revision: DiscoveredRevision): string {
  return `${revision.ref} ${revision.path}`;
}

async function taggedAndDrafts(options: DiscoveryOptions, memory: DiscoveryMemory): Promise<Part> {
  const branch = branchReference(options.branch);
  const revisions: DiscoveredRevision[] = [];
  const skipped: SkippedReference[] = [];
  const fresh: Candidate[] = [];
  const known = knownReferences(options.known, branch);
  for (const [ref, id] of options.references.refs) {
    if (ref === branch) continue;
    const candidate = candidateOf(ref, id, options.references.peeled.get(ref) ?? id, options.directory);
    if (candidate === undefined) continue;
    if ('kind' in candidate) {
      skipped.push(candidate);
      continue;
    }
    const before = known.get(ref);
    if (before === undefined || idOf(before) !== id) fresh.push(candidate);
    else if ('kind' in before) skipped.push(before);
    else revisions.push(before);
  }

  const found: DiscoveredRevision[] = [];
  const trees = await treesOf(options.mirror, fresh);
  const read = async (candidate: Candidate, index: number): Promise<void> => {
    const result = await readCandidate(options.mirror, candidate, trees[index]);
    if (result.revision) found.push(result.revision);
    else {
      skipped.push(result.skipped);
      const before = known.get(candidate.ref);
      // What cannot be read yet stays as it was rather than seem to be deleted.
      if (result.skipped.kind === 'missing' && before && !('kind' in before)) revisions.push(before);
    }
  };
  await forEachOf(fresh, read, options.signal);
  await memory.commits.extend(
    options.mirror,
    found.map((revision) => revision.commit),
  );
  for (const [index, revision] of found.entries()) {
    if (index % atOnce === atOnce - 1) await setImmediate();
    const tasks = recoverTasks(memory.commits, revision.path, revision.workspaceName, revision.commit);
    revisions.push(tasks.length === 0 ? revision : { ...revision, tasks });
  }
  return { revisions, skipped };
}

function knownReferences(
  known: Discovery | undefined,
  branch: string,
): ReadonlyMap<string, DiscoveredRevision | SkippedReference> {
  const byRef = new Map<string, DiscoveredRevision | SkippedReference>();
  for (const skipped of known?.skipped ?? []) if (skipped.kind === 'content') byRef.set(skipped.ref, skipped);
  for (const revision of known?.revisions ?? []) if (revision.ref !== branch) byRef.set(revision.ref, revision);
  return byRef;
}

function idOf(known: DiscoveredRevision | SkippedReference): ObjectId | undefined {
  return 'kind' in known ? known.id : known.refs[known.ref];
}

async function onBranch(options: DiscoveryOptions, memory: DiscoveryMemory, head: ObjectId | null): Promise<Part> {
  if (head === null) return { revisions: [], skipped: [] };
  const ref = branchReference(options.branch);
  const skipped = options.known?.skipped.filter((candidate) => candidate.ref === ref) ?? [];
  const settled = !skipped.some((candidate) => candidate.kind === 'duplicate');
  if (options.known?.head !== head || !settled) return branchRevisions(options, memory, head);
  return { revisions: options.known.revisions.filter((revision) => revision.ref === ref), skipped };
}

/** Published revisions whose deletion is proposed have a branch that says so. */
function withDeletionProposal(
  revision: DiscoveredRevision,
  references: ReadonlyMap<string, ObjectId>,
): DiscoveredRevision {
  if (revision.lifecycle !== 'Published' && revision.lifecycle !== 'DeletionProposed') return revision;
  const branch = deletionProposedReference(revision.path, revision.revision, revision.workspaceName);
  const id = references.get(branch);
  const lifecycle = id === undefined ? 'Published' : 'DeletionProposed';
  if (revision.lifecycle === lifecycle && revision.refs[branch] === id) return revision;
  const own = revision.refs[revision.ref];
  const refs = { ...(own === undefined ? {} : { [revision.ref]: own }), ...(id === undefined ? {} : { [branch]: id }) };
  return { ...revision, lifecycle, refs };
}

import { isDeepStrictEqual } from 'node:util';
import { turns } from '@porch/apiserver';
import { branchRevisions } from './branch-revisions.ts';
import type { TakeCommit } from './commit-index.ts';
import { recoverTasks } from './creation-task.ts';
import { DiscoveryMemory, type ReferenceFacts } from './discovery-memory.ts';
import type { DiscoveredRevision, Discovery, DiscoveryOptions, Found, SkippedReference } from './discovery-types.ts';
import { distinctNames } from './distinct-names.ts';
import { forEachOf } from './for-each-of.ts';
import {
  annotationsOf,
  type Candidate,
  candidatesOf,
  factsOfCandidate,
  foundReference,
  kptfileIn,
  type ReadCommit,
  readCommit,
  treesOf,
} from './found-reference.ts';
import { branchReference, deletionProposedReference, isDeletionProposal } from './layout.ts';
import { GitError, type ObjectId, type PlacedTree } from './types.ts';

/**
 * All package revisions that the references of a remote say there are. The mirror must have been fetched since. References that
 * name what they named in `known` are not read again, and revisions in which nothing changed are the same objects as there.
 * @throws GitError when Git cannot be asked; content that makes no sense is skipped, never thrown
 */
export async function discoverRevisions(options: DiscoveryOptions): Promise<Discovery> {
  const memory = options.memory ?? DiscoveryMemory.empty();
  memory.forgetReferencesBut(options.references.refs);
  const head = options.references.refs.get(branchReference(options.branch)) ?? null;
  const tagged = await taggedAndDrafts(options, memory, head);
  const tracked = await onBranch(options, memory, head, tagged.revisions);
  const named = await distinctNames([...tagged.revisions, ...tracked.revisions]);
  return {
    head,
    revisions: await asBefore(named.revisions, options),
    skipped: [...tagged.skipped, ...tracked.skipped, ...named.skipped],
  };
}

/** The revisions with their proposed deletions; those in which nothing changed are the objects that are known. */
async function asBefore(
  revisions: readonly DiscoveredRevision[],
  { known, references }: DiscoveryOptions,
): Promise<readonly DiscoveredRevision[]> {
  const previous = new Map<string, DiscoveredRevision>();
  for (const revision of known?.revisions ?? []) {
    if (turns.over) await turns.next();
    previous.set(identity(revision), revision);
  }
  const current: DiscoveredRevision[] = [];
  const areAnyProposed = [...references.refs.keys()].some(isDeletionProposal);
  for (const found of revisions) {
    if (turns.over) await turns.next();
    const isSettled = found.lifecycle === 'Published' && !areAnyProposed;
    const revision = isSettled ? found : withDeletionProposal(found, references.refs);
    const before = previous.size === 0 ? undefined : previous.get(identity(revision));
    const same = before !== undefined && before !== revision && isDeepStrictEqual(before, revision);
    current.push(same ? before : revision);
  }
  return current;
}

function identity(revision: DiscoveredRevision): string {
  return `${revision.ref} ${revision.path}`;
}

async function taggedAndDrafts(
  options: DiscoveryOptions,
  memory: DiscoveryMemory,
  head: ObjectId | null,
): Promise<Found> {
  const branch = branchReference(options.branch);
  const revisions: DiscoveredRevision[] = [];
  const skipped: SkippedReference[] = [];
  const fresh: Candidate[] = [];
  const known = knownReferences(options.known, branch);
  const list = (found: DiscoveredRevision | SkippedReference): void => {
    if ('kind' in found) skipped.push(found);
    else revisions.push(found);
  };
  for (const candidate of await (options.early?.candidates ?? candidatesOf(options))) {
    if (turns.over) await turns.next();
    const { ref, id } = candidate;
    const before = known.get(ref);
    const facts = memory.reference(ref);
    if ('kind' in candidate) skipped.push(candidate);
    else if (before !== undefined && idOf(before) === id) list(before);
    else if (facts?.id === id) list(foundReference(candidate, facts));
    else fresh.push(candidate);
  }

  const read = await readReferences(options, memory, fresh, head);
  for (const [index, candidate] of fresh.entries()) {
    if (turns.over) await turns.next();
    const { ref, id } = candidate;
    const facts = read[index];
    if (facts !== undefined) {
      const found = withTasks(memory, candidate, facts);
      memory.learnReference(ref, found);
      list(foundReference(candidate, found));
      continue;
    }
    skipped.push({ ref, id, kind: 'missing', reason: `object ${candidate.commit} is not in the mirror` });
    const before = known.get(ref);
    // What cannot be read yet stays as it was rather than seem to be deleted.
    if (before !== undefined && !('kind' in before)) revisions.push(before);
  }
  return { revisions, skipped };
}

/** What references name, in order, tasks left out; their commits are in the index afterwards. */
async function readReferences(
  options: DiscoveryOptions,
  memory: DiscoveryMemory,
  candidates: readonly Candidate[],
  head: ObjectId | null,
): Promise<readonly (ReferenceFacts | undefined)[]> {
  if (candidates.length === 0) return [];
  const { mirror, signal, onKptfile, early } = options;
  const wanted = Map.groupBy(candidates, ({ commit }) => commit);
  const commits = new Map<ObjectId, ReadCommit>();
  const take: TakeCommit = ({ id, author }, annotations) => {
    const named = wanted.get(id);
    if (named !== undefined) commits.set(id, { id, author, annotations: annotationsOf(named, annotations) });
  };
  const readCommits = async (): Promise<void> => {
    if (early !== undefined) await memory.commits.adopt(mirror, await early.facts());
    // Most of them are in the history of the branch, which git begins to write at once; before it walks from each of many, it reads them all.
    if (head !== null) await memory.commits.extend(mirror, [head], take);
    await memory.commits.extend(mirror, wanted.keys(), take);
  };
  const [trees] = await Promise.all([
    treesOf(mirror, candidates, (commit) => early?.named(commit)?.tree).then(async (found) => {
      if (onKptfile !== undefined) await tellOfKptfiles(found, onKptfile);
      return found;
    }),
    readCommits(),
  ]);
  signal?.throwIfAborted();
  const commitOf = (id: ObjectId): ReadCommit => commits.get(id) ?? early?.named(id);
  // What the index had before, and what is no commit.
  const others = [...wanted.keys()].filter((id) => commitOf(id) === undefined);
  const read = async (id: ObjectId): Promise<void> =>
    void commits.set(id, await readCommit(mirror, id, wanted.get(id) ?? []));
  await forEachOf(others, read, signal);
  const found: (ReferenceFacts | undefined)[] = [];
  for (const [index, candidate] of candidates.entries()) {
    if (turns.over) await turns.next();
    found.push(factsOfCandidate(candidate, commitOf(candidate.commit), trees[index]));
  }
  return found;
}

async function tellOfKptfiles(
  trees: readonly (PlacedTree | GitError | undefined)[],
  onKptfile: (blob: ObjectId) => void,
): Promise<void> {
  for (const tree of trees) {
    if (turns.over) await turns.next();
    const kptfile = tree === undefined || tree instanceof GitError ? undefined : kptfileIn(tree);
    if (kptfile !== undefined) onKptfile(kptfile);
  }
}

function withTasks(memory: DiscoveryMemory, { place }: Candidate, facts: ReferenceFacts): ReferenceFacts {
  if ('reason' in facts) return facts;
  return { ...facts, tasks: recoverTasks(memory.commits, place.path, facts.workspaceName, facts.commit) };
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

async function onBranch(
  options: DiscoveryOptions,
  memory: DiscoveryMemory,
  head: ObjectId | null,
  others: readonly DiscoveredRevision[],
): Promise<Found> {
  if (head === null) return { revisions: [], skipped: [] };
  const ref = branchReference(options.branch);
  const skipped = options.known?.skipped.filter((candidate) => candidate.ref === ref) ?? [];
  const settled = !skipped.some((candidate) => candidate.kind === 'duplicate');
  if (options.known?.head !== head || !settled) return branchRevisions(options, memory, head, others);
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

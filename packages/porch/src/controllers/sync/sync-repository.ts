import { createHash } from 'node:crypto';
import { turns } from '@porch/apiserver';
import type { GitRepository } from '../../cache/git-repositories.ts';
import { putRecord, type RepositoryState } from '../../cache/records.ts';
import { repositoryStateKey } from '../../cache/revision-cache.ts';
import type { EngineParts } from '../../engine/parts.ts';
import { intentsOf, settleIntents } from '../../engine/settle.ts';
import { discoverRevisions } from '../../git/discovery.ts';
import type { DiscoveryMemories } from '../../git/discovery-memories.ts';
import type { Discovery, SkippedReference } from '../../git/discovery-types.ts';
import { EarlyDiscovery } from '../../git/early-discovery.ts';
import { branchReference } from '../../git/layout.ts';
import type { ObjectId, RemoteAccess, RemoteReferences } from '../../git/types.ts';
import { type DraftResolution, draftResolutionOf } from '../../resources/draft-resolution.ts';
import { applyDifferences } from './apply.ts';
import { branchHistory } from './branch-history.ts';
import { conflictsOf } from './conflicts.ts';
import { deploymentDifferences, isDeployment } from './deployment.ts';
import { compare, type Difference } from './differences.ts';
import { ensureBranch } from './ensure-branch.ts';
import { KptfileSummaries } from './kptfile-summaries.ts';
import { branchVanished, revisionsVanished, type SyncReport } from './report.ts';

/** References that one line of the log names at most. */
const mostLogged = 5;

/** Characters that are told of why a Kptfile cannot be read. */
const longestReason = 200;

/** Fewer removals than this are always carried out. */
const vanishedAtLeast = 5;

/** How one synchronisation is carried out. */
export interface SyncOptions {
  readonly signal: AbortSignal;
  /** Removes what is gone from Git however much it is. */
  readonly acceptVanished: boolean;
}

/** What one repository's references meant when they were last looked at, and what was learned of its mirror: only changed ones are read. */
export interface SyncMemory {
  readonly learned: DiscoveryMemories;
  known: Discovery | undefined;
  /** Undefined until this process has looked. */
  skipped: readonly SkippedReference[] | undefined;
}

/**
 * Brings what the API shows of a repository in line with Git. Asks for the references first; when none has changed since the
 * last time, and nothing was pushed from here, that is all. What was learned of the mirror is for the caller to save.
 * @throws GitError for what the remote is to blame for; RefsVanishedError
 */
export async function syncRepository(
  parts: EngineParts,
  git: GitRepository,
  memory: SyncMemory,
  options: SyncOptions,
): Promise<SyncReport> {
  const { signal } = options;
  const access = await git.access();
  await settleFirst(parts, git, access, signal);
  const asOf = parts.cache.revision;
  let references = await git.mirror.lsRemote(access, { signal });
  const before = parts.cache.repositoryState(git.namespace, git.name);
  const decided = decisionsOf(parts, git);
  if (
    before?.value.references === digestOf(git, references) &&
    decided.size === 0 &&
    !parts.cache.statesChangedSince(git.namespace, git.name, before.value.seen ?? before.revision)
  ) {
    return reportOf(parts, git, before.value.head, memory.skipped);
  }
  if (!references.refs.has(branchReference(git.branch))) {
    if (typeof before?.value.head === 'string' && !options.acceptVanished) throw branchVanished(git.branch);
    references = await ensureBranch(parts, git, references, signal);
  }
  const head = references.refs.get(branchReference(git.branch)) ?? null;
  const early =
    before === undefined ? new EarlyDiscovery({ references, branch: git.branch, directory: git.directory }) : undefined;
  await git.mirror.fetch(access, { signal, listed: references, ...(early === undefined ? {} : { arriving: early }) });
  const summaries = new KptfileSummaries(parts, git.mirror);
  const learned = await memory.learned.of(git.mirror);
  const discovery = await discoverRevisions({
    mirror: git.mirror,
    references,
    branch: git.branch,
    directory: git.directory,
    signal,
    memory: learned,
    ...(early === undefined ? {} : { early }),
    // The first time all of them are needed: whoever needs one asks again, and is told what became of it.
    ...(before === undefined && { onKptfile: (blob) => void summaries.of(blob).catch(() => undefined) }),
    ...(memory.known === undefined ? {} : { known: memory.known }),
  });
  summaries.revisionsAre(discovery.revisions.length);
  const comparison = await compare({
    cache: parts.cache,
    git,
    found: discovery.revisions,
    skipped: discovery.skipped,
    asOf,
    mode: parts.pushDrafts,
    decisions: decided,
    isOnBranch: branchHistory(learned.commits, git.mirror, head),
    isIn: async (ancestor, commit) => {
      await learned.commits.extend(git.mirror, [ancestor, commit]);
      return learned.commits.isAncestor(ancestor, commit);
    },
  });
  const removals = comparison.differences.filter((one) => one.type === 'remove' && one.decided !== true).length;
  if (!options.acceptVanished && removals >= vanishedAtLeast && removals * 5 > comparison.total) {
    throw revisionsVanished(removals, comparison.total);
  }
  const deployment = await deploymentDifferences(parts, git, before?.value, comparison.differences);
  const differences = [...comparison.differences, ...deployment.differences];
  const left =
    comparison.left + deployment.left + (await applyDifferences(parts, git, differences, { asOf, summaries, signal }));
  const seen = parts.cache.revision;
  const written = new Set(differences.map(({ name }) => name));
  // What the remote took back before it was fetched may be there again the next time, and what others have changed since the references
  // were read may have been compared as it was before: nothing else would tell.
  const isComplete =
    left === 0 &&
    discovery.skipped.every(({ kind }) => kind !== 'missing') &&
    !parts.cache.statesChangedSince(git.namespace, git.name, asOf, written);
  const state: RepositoryState = {
    url: git.url,
    branch: git.branch,
    head,
    references: isComplete ? digestOf(git, references) : '',
    seen,
    ...(left === 0 ? { deployment: isDeployment(git) } : {}),
  };
  await parts.store.commit({ operations: [putRecord(repositoryStateKey(git.namespace, git.name), state)] });
  logWithoutPackage(parts, git, memory.known, discovery);
  logShortened(parts, git, summaries.shortened);
  const unreadable = withUnreadableKptfile(summaries, differences);
  logUnreadable(parts, git, unreadable);
  memory.known = discovery;
  memory.skipped = toBeNamed(discovery, differences);
  return { ...(await reportOf(parts, git, head, memory.skipped)), changed: differences.length, unreadable, left };
}

/** What people are told of: not of what goes by itself. */
function toBeNamed({ skipped }: Discovery, differences: readonly Difference[]): readonly SkippedReference[] {
  const ours = new Set(differences.flatMap((each) => ('found' in each ? Object.keys(each.found.refs) : [])));
  return skipped.filter(({ kind, ref }) => (kind === 'name' || kind === 'duplicate') && !ours.has(ref));
}

/** Tags and branches that are named like a package revision and hold none are nobody's mistake, or somebody's: the log names new ones. */
function logWithoutPackage(
  parts: EngineParts,
  git: GitRepository,
  before: Discovery | undefined,
  now: Discovery,
): void {
  const known = new Set(before?.skipped.map(({ ref, id }) => `${ref} ${id}`));
  const fresh = now.skipped.filter(({ kind, ref, id }) => kind === 'content' && !known.has(`${ref} ${id}`));
  if (fresh.length === 0) return;
  parts.logger.info(
    {
      namespace: git.namespace,
      repository: git.name,
      references: fresh.length,
      first: fresh.slice(0, mostLogged).map(({ ref, reason }) => `${ref}: ${reason}`),
    },
    'references that are named like package revisions hold no package',
  );
}

function logShortened(parts: EngineParts, git: GitRepository, kptfiles: number): void {
  if (kptfiles === 0) return;
  parts.logger.warn(
    { namespace: git.namespace, repository: git.name, kptfiles },
    'the repository has so many package revisions that metadata and conditions of long Kptfiles are not shown, or in part; what is in Git stays',
  );
}

/** The package revisions that are shown without what their Kptfiles say, because these cannot be read; each with the reason. */
function withUnreadableKptfile(
  { unreadable }: KptfileSummaries,
  differences: readonly Difference[],
): readonly string[] {
  if (unreadable.size === 0) return [];
  return differences.flatMap((each) => {
    const reason = 'found' in each && 'kptfile' in each.found ? unreadable.get(each.found.kptfile) : undefined;
    return reason === undefined ? [] : [`${each.name} (${reason.replace(/\s+/g, ' ').slice(0, longestReason)})`];
  });
}

function logUnreadable(parts: EngineParts, git: GitRepository, named: readonly string[]): void {
  if (named.length === 0) return;
  parts.logger.warn(
    { namespace: git.namespace, repository: git.name, kptfiles: named.length, first: named.slice(0, mostLogged) },
    'package revisions are listed without what their Kptfiles say, because these cannot be read',
  );
}

/**
 * Finds out what became of pushes whose outcome is not known: until then their revisions stay as they were, whatever Git says. A remote
 * that does not answer says so here, once, rather than for each of them.
 */
async function settleFirst(
  parts: EngineParts,
  git: GitRepository,
  access: RemoteAccess,
  signal: AbortSignal,
): Promise<void> {
  const keys = intentsOf(parts, git.namespace, git.name);
  if (keys.length === 0) return;
  await git.mirror.lsRemote(access, { signal });
  await settleIntents(parts, keys, signal);
}

/** What the annotations of a repository's package revisions say of drafts that were changed on both sides. */
function decisionsOf(parts: EngineParts, git: GitRepository): ReadonlyMap<string, DraftResolution> {
  const found = new Map<string, DraftResolution>();
  for (const { namespace, name } of parts.decisions.keys()) {
    const value = namespace === git.namespace ? parts.cache.packageRevision(namespace, name)?.value : undefined;
    const decision = value?.spec.repository === git.name ? draftResolutionOf(value.metadata) : undefined;
    if (decision !== undefined) found.set(name, decision);
  }
  return found;
}

/** How the repository is now, when nothing had to be done. */
async function reportOf(
  parts: EngineParts,
  git: GitRepository,
  head: ObjectId | null,
  skipped: SyncReport['skipped'],
): Promise<SyncReport> {
  let revisions = 0;
  for (const _ of parts.cache.eachRevisionOfRepository(git.namespace, git.name)) {
    if (turns.over) await turns.next();
    revisions++;
  }
  return {
    head,
    revisions,
    changed: 0,
    skipped,
    conflicts: await conflictsOf(parts, git),
    unreadable: [],
    left: 0,
  };
}

function digestOf(git: GitRepository, { digest }: RemoteReferences): string {
  const what = [git.url, git.branch, git.directory, isDeployment(git), digest];
  return createHash('sha256').update(what.join('\n')).digest('hex');
}

import { createHash } from 'node:crypto';
import type { GitRepository } from '../../cache/git-repositories.ts';
import { putRecord, type RepositoryState } from '../../cache/records.ts';
import { repositoryStateKey } from '../../cache/revision-cache.ts';
import type { EngineParts } from '../../engine/parts.ts';
import { discoverRevisions } from '../../git/discovery.ts';
import type { Discovery, SkippedReference } from '../../git/discovery-types.ts';
import { branchReference } from '../../git/layout.ts';
import type { ObjectId, RemoteReferences } from '../../git/types.ts';
import { applyDifferences } from './apply.ts';
import { compare } from './differences.ts';
import { ensureBranch } from './ensure-branch.ts';
import { RefsVanishedError, type SyncReport } from './report.ts';

/** Fewer removals than this are always carried out. */
const vanishedAtLeast = 5;

export interface SyncOptions {
  readonly signal: AbortSignal;
  /** Removes what is gone from Git however much it is. */
  readonly acceptVanished: boolean;
}

/** Keeps what one repository's references meant when they were last looked at, so that only changed ones are read. */
export interface SyncMemory {
  known: Discovery | undefined;
  skipped: readonly SkippedReference[];
}

/**
 * Brings what the API shows of a repository in line with Git. Asks for the references first; when none has changed since the
 * last time, and nothing was pushed from here, that is all.
 * @throws GitError for what the remote is to blame for; RefsVanishedError
 */
export async function syncRepository(
  parts: EngineParts,
  git: GitRepository,
  memory: SyncMemory,
  options: SyncOptions,
): Promise<SyncReport> {
  const { signal } = options;
  const asOf = parts.cache.revision;
  const access = await git.access();
  let references = await git.mirror.lsRemote(access, { signal });
  if (!references.refs.has(branchReference(git.branch)))
    references = await ensureBranch(parts, git, references, signal);
  const head = references.refs.get(branchReference(git.branch)) ?? null;
  const digest = digestOf(git, references);
  const before = parts.cache.repositoryState(git.namespace, git.name);
  const untouched = before !== undefined && !parts.cache.statesChangedSince(git.namespace, git.name, before.revision);
  if (untouched && before.value.references === digest && before.value.head === head) {
    return reportOf(parts, git, head, memory.skipped);
  }
  await git.mirror.fetch(access, { signal });
  const discovery = await discoverRevisions({
    mirror: git.mirror,
    references,
    branch: git.branch,
    directory: git.directory,
    signal,
    ...(memory.known === undefined ? {} : { known: memory.known }),
  });
  const comparison = await compare({
    cache: parts.cache,
    git,
    found: discovery.revisions,
    asOf,
    mode: parts.pushDrafts,
  });
  const removals = comparison.differences.filter((difference) => difference.type === 'remove').length;
  if (!options.acceptVanished && removals >= vanishedAtLeast && removals * 5 > comparison.total) {
    throw new RefsVanishedError(removals, comparison.total);
  }
  const left = comparison.left + (await applyDifferences(parts, git, comparison.differences, asOf, signal));
  const state: RepositoryState = { url: git.url, branch: git.branch, head, references: left === 0 ? digest : '' };
  await parts.store.commit({ operations: [putRecord(repositoryStateKey(git.namespace, git.name), state)] });
  memory.known = discovery;
  memory.skipped = discovery.skipped.filter(({ kind }) => kind === 'name' || kind === 'duplicate');
  return { ...reportOf(parts, git, head, memory.skipped), changed: comparison.differences.length, left };
}

/** How the repository is now, when nothing had to be done. */
function reportOf(
  parts: EngineParts,
  git: GitRepository,
  head: ObjectId | null,
  skipped: readonly SkippedReference[],
): SyncReport {
  return {
    head,
    revisions: parts.cache.revisionsOfRepository(git.namespace, git.name).length,
    changed: 0,
    skipped,
    conflicts: parts.cache.conflictsOfRepository(git.namespace, git.name),
    left: 0,
  };
}

function digestOf(git: GitRepository, references: RemoteReferences): string {
  const hash = createHash('sha256').update(
    `${git.url}\n${git.branch}\n${git.directory}\n${git.object.spec.deployment === true}\n`,
  );
  for (const [ref, id] of [...references.refs].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${id} ${ref}\n`);
  return hash.digest('hex');
}

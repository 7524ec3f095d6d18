import { type ContentBlob, type ObjectMeta, type Precondition, PreconditionFailedError, turns } from '@porch/apiserver';
import { timeOf } from '../../cache/clock.ts';
import { treeReference } from '../../cache/content-store.ts';
import type { GitRepository } from '../../cache/git-repositories.ts';
import { planPackageWrites, type RevisionChange } from '../../cache/package-writes.ts';
import type { PendingCommit, RevisionState } from '../../cache/records.ts';
import type { ReadRevision } from '../../cache/revision-cache.ts';
import { withGeneration } from '../../engine/derived-fields.ts';
import { writeMutex } from '../../engine/mutex-names.ts';
import type { EngineParts } from '../../engine/parts.ts';
import { commitAuthor } from '../../git/annotation.ts';
import type { DiscoveredRevision } from '../../git/discovery-types.ts';
import { isLifecycleReference } from '../../git/layout.ts';
import { withoutDraftResolution } from '../../resources/draft-resolution.ts';
import { packageRevisions } from '../../resources/group.ts';
import { packageRevisionUid } from '../../resources/names.ts';
import { isPublished, type PackageRevision } from '../../resources/package-revision.ts';
import type { Difference } from './differences.ts';
import { discoveredObject } from './discovered-object.ts';
import type { KptfileSummaries } from './kptfile-summaries.ts';
import { withOwnLifecycle } from './own-lifecycle.ts';

/** Packages that are written at the same time: so many that the next ones are ready while the store still writes. */
const parallel = 256;

/** What differences are applied with. */
export interface ApplyOptions {
  /** Revision of the store before the references were read. */
  readonly asOf: number;
  /** Of the repository's mirror. */
  readonly summaries: KptfileSummaries;
  readonly signal: AbortSignal;
}

/**
 * Writes differences to the store, package by package, as ordinary changes that watchers see. A revision that somebody has
 * changed since revision `asOf` is left for the next round: what was found may be older than that. Returns how many were left. When it
 * ends, also by a failure or the signal, no write of it is under way any more.
 * @throws what one of the writes has failed with; the signal's reason
 */
export async function applyDifferences(
  parts: EngineParts,
  git: GitRepository,
  differences: readonly Difference[],
  options: ApplyOptions,
): Promise<number> {
  const packages = new Map<string, Difference[]>();
  for (const difference of differences) {
    const group = packages.get(difference.packageName) ?? [];
    group.push(difference);
    packages.set(difference.packageName, group);
  }
  const waiting = [...packages];
  let left = 0;
  const worker = async (): Promise<void> => {
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        options.signal.throwIfAborted();
        const leftOfPackage = await applyPackage(parts, git, next[0], next[1], options);
        // Added when it is known: the other workers have counted meanwhile.
        left += leftOfPackage;
      }
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(parallel, waiting.length) }, worker));
  const failure = ended.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return left;
}

async function applyPackage(
  parts: EngineParts,
  git: GitRepository,
  packageName: string,
  differences: readonly Difference[],
  options: ApplyOptions,
): Promise<number> {
  await turns.next();
  const attempts = await Promise.all(differences.map((difference) => prepare(parts, git, difference, options)));
  const prepared = attempts.filter((make) => make !== undefined);
  const { namespace, name: repository } = git;
  const place = { namespace, repository, packageName };
  return parts.packageMutexes.run(writeMutex(place), async () => {
    await turns.next();
    const now = timeOf(parts.clock);
    const changes = prepared.flatMap(({ make }) => make(now));
    const content = prepared.flatMap((one) => one.content ?? []);
    try {
      await parts.store.commit({
        preconditions: prepared.flatMap((one) => one.preconditions ?? []),
        content,
        operations: planPackageWrites(parts.cache, place, changes, now),
      });
      // Where the store has not kept them from the write, whoever lists them first would have all their fields taken out at once.
      await turns.next();
      for (const { name } of changes) parts.cache.summary(namespace, name);
      return differences.length - prepared.length;
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      return differences.length;
    }
  });
}

/** What is to be written of one revision. */
interface Prepared {
  readonly make: (now: string) => RevisionChange[];
  /** Content that the changes name and the store may not have. */
  readonly content?: readonly ContentBlob[];
  readonly preconditions?: readonly Precondition[];
}

function changing(make: Prepared['make']): Prepared {
  return { make };
}

/** Undefined when somebody was faster. */
async function prepare(
  parts: EngineParts,
  git: GitRepository,
  difference: Difference,
  { asOf, summaries }: ApplyOptions,
): Promise<Prepared | undefined> {
  const { namespace } = git;
  const { name } = difference;
  const read = parts.cache.packageRevision(namespace, name);
  const state = parts.cache.state(namespace, name);
  const buried = parts.cache.buriedAt(packageRevisions, namespace, name);
  if (Math.max(read?.revision ?? 0, state?.revision ?? 0, buried) > asOf) return undefined;
  const base = { namespace, name, expected: read?.revision ?? 0, expectedState: state?.revision ?? 0 };
  const withState = (change: Partial<RevisionState>): Prepared => ({
    make: () => {
      if (state === undefined) return [];
      const { conflict: _, ...kept } = state.value;
      return [{ ...base, state: { ...kept, ...change } }];
    },
    preconditions: state?.preconditions ?? [],
  });
  const onlyHere = state !== undefined && state.value.pending.length > 0 && !isPublished(read?.value.spec.lifecycle);
  switch (difference.type) {
    case 'conflict':
      return withState({ conflict: difference.commit });
    case 'end-conflict':
      return withState({});
    case 'late-push':
      return withState({ refs: difference.found.refs });
    case 'late-push-of-deleted':
      return changing(() => [{ ...base, state: stateOfDeleted(parts, git, name, difference.found) }]);
    case 'forget-references':
      return withState({ refs: {} });
    case 'remove':
      return onlyHere && difference.decided !== true
        ? withState({ refs: {} })
        : changing((now) => removal(read, base, state?.value, now));
    case 'forget-decision':
      return read === undefined ? undefined : changing(() => [{ ...base, object: decided(read) }]);
    case 'deployment':
      return read === undefined
        ? undefined
        : changing(() => [{ ...base, object: withDeployment(read, difference.deployment) }]);
    case 'keep-ours':
      return read === undefined || state === undefined
        ? undefined
        : keepOurs(
            parts,
            git,
            { ...base, object: decided(read) },
            { read, state: state.value, found: difference.found },
          );
    case 'add':
    case 'change':
    case 'take-theirs': {
      const found = withOwnLifecycle(difference.found, read?.value, state?.value, parts.pushDrafts);
      if (onlyHere && difference.type !== 'take-theirs') return withState({ conflict: found.commit });
      const kptfile = await summaries.of(found.kptfile);
      return changing((now) => [
        {
          ...base,
          object: counted(read, discoveredObject(git, found, kptfile, metadataOf(parts, base, read, now))),
          content: treeReference(found.tree),
          state: { ...stateOf(git, found), ...(state?.value.vanished === true ? { vanished: true } : {}) },
          resources: null,
        },
      ]);
    }
  }
}

function counted(read: ReadRevision | undefined, object: PackageRevision): PackageRevision {
  return read === undefined ? object : withGeneration(read.value, object);
}

/** The object without the annotation that has been carried out. */
function decided(read: ReadRevision): PackageRevision {
  const { resourceVersion: _, ...metadata } = withoutDraftResolution(read.value.metadata);
  return { ...read.value, metadata };
}

function withDeployment(read: ReadRevision, deployment: boolean): PackageRevision {
  const { resourceVersion: _, ...metadata } = read.value.metadata;
  return { ...read.value, metadata, status: { ...read.value.status, deployment } };
}

/** The two sides of a draft. */
interface Sides {
  readonly read: ReadRevision;
  readonly state: RevisionState;
  readonly found: Pick<DiscoveredRevision, 'refs' | 'commit'>;
}

/**
 * Ends a conflict in favour of what is here: it goes on top of the commit that Git has, whose history stays. Changes that were not
 * pushed keep their commits; where there are none, one commit has the whole content.
 */
async function keepOurs(
  parts: EngineParts,
  git: GitRepository,
  change: RevisionChange,
  { read, state, found }: Sides,
): Promise<Prepared> {
  const { conflict: _, ...kept } = state;
  const onTop = { ...kept, refs: found.refs, tip: found.commit };
  if (state.pending.length > 0) return changing(() => [{ ...change, state: onTop }]);
  const content = await parts.contents.read(git.namespace, git.name, read.content ?? '');
  const blob = await parts.contents.prepare(content);
  const pending: PendingCommit = {
    content: blob.digest,
    task: { type: 'render' },
    author: commitAuthor(git.object.spec.git, undefined),
    time: parts.clock().toISOString(),
  };
  return { make: () => [{ ...change, state: { ...onTop, pending: [pending] } }], content: [blob] };
}

/** Objects with finalizers wait for these. */
function removal(
  read: ReadRevision | undefined,
  base: Omit<RevisionChange, 'object' | 'state'>,
  state: RevisionState | undefined,
  now: string,
): RevisionChange[] {
  if (read === undefined) return [];
  if ((read.value.metadata.finalizers ?? []).length === 0) {
    return [{ ...base, object: null, ...(state === undefined ? {} : { state: stateAfter(read, state) }) }];
  }
  const { resourceVersion: _, ...metadata } = read.value.metadata;
  const deleted = { deletionTimestamp: now, deletionGracePeriodSeconds: 0, generation: (metadata.generation ?? 1) + 1 };
  return [
    {
      ...base,
      object: { ...read.value, metadata: { ...metadata, ...deleted } },
      ...(state === undefined ? {} : { state: stateOfVanished(state) }),
    },
  ];
}

/** What Git never had does not get there any more. */
function stateOfVanished(state: RevisionState): RevisionState {
  if (state.pending.length === 0) return { ...state, vanished: true };
  const { conflict: _, ...kept } = state;
  return { ...kept, refs: {}, tip: null, pending: [], vanished: true };
}

/** A branch that proposes the deletion of what is gone would propose that of the next revision with its number: it is still to go. */
function stateAfter(read: ReadRevision, state: RevisionState): RevisionState | null {
  const isProposed = isPublished(read.value.spec.lifecycle) && Object.keys(state.refs).some(isLifecycleReference);
  return isProposed ? { ...state, deleted: true } : null;
}

function metadataOf(
  { cache }: EngineParts,
  { namespace, name }: Pick<RevisionChange, 'namespace' | 'name'>,
  read: ReadRevision | undefined,
  now: string,
): ObjectMeta {
  if (read !== undefined) {
    const { resourceVersion: _, ...metadata } = withoutDraftResolution(read.value.metadata);
    return metadata;
  }
  const uid = packageRevisionUid(namespace, name, cache.incarnation(packageRevisions, namespace, name));
  return { name, namespace, uid, creationTimestamp: now, generation: 1 };
}

/** The state of a draft that is deleted and has a branch again. */
function stateOfDeleted(
  { cache }: EngineParts,
  git: GitRepository,
  name: string,
  found: DiscoveredRevision,
): RevisionState {
  const { unanswered = [] } = cache.tombstone(packageRevisions, git.namespace, name) ?? {};
  return { ...stateOf(git, found), unanswered, deleted: true };
}

function stateOf(git: GitRepository, found: DiscoveredRevision): RevisionState {
  return { repository: git.name, path: found.path, refs: found.refs, tip: found.commit, base: null, pending: [] };
}

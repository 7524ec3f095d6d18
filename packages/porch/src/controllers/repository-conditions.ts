import { toTime } from '@porch/apiserver';
import { UnsupportedError } from '../cache/git-repositories.ts';
import { firstNames } from '../engine/first-names.ts';
import { GitError } from '../git/types.ts';
import type { MirrorBacklog } from '../outbox/mirror-queue.ts';
import { discardDraftsAnnotation, resolveDraftAnnotation } from '../resources/group.ts';
import { repositoryConflict } from '../resources/registration-overlap.ts';
import type { Repository, RepositoryCondition, RepositoryStatus } from '../resources/repository.ts';
import { RepositoryConflictError } from './registration-order.ts';
import { RefsVanishedError, type SyncReport } from './sync/report.ts';
import type { UnmirroredError } from './unregister.ts';

type Condition = Pick<RepositoryCondition, 'type' | 'status' | 'reason' | 'message'>;

/** Changes that wait longer than this are shown, in milliseconds; those that are pushed at once are not worth a write. */
const shownAfterMs = 10_000;

/** Reason of `Ready`. */
const refsVanished = 'RefsVanished';

/** How many names a message lists before it only counts. */
const mostNames = 5;

function withoutCondition(object: Repository, type: string): Repository {
  const conditions = (object.status?.conditions ?? []).filter((condition) => condition.type !== type);
  return { ...object, status: { ...object.status, conditions } };
}

/** The Repository with one of its conditions set; the transition time changes with the status only. */
function set(object: Repository, condition: Condition, now: Date, generation = object.metadata.generation): Repository {
  const others = (object.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
  const old = conditionOf(object, condition.type);
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : toTime(now);
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const conditions = [...others, { ...condition, lastTransitionTime, ...observed }];
  conditions.sort((a, b) => (a.type < b.type ? -1 : 1));
  return { ...object, status: { ...object.status, conditions } };
}

/**
 * Conditions as they are when what is said of a generation of the spec has been looked at: clients that wait for a condition take no notice
 * of one that was last said of an older generation.
 */
export function conditionsAt(
  conditions: readonly RepositoryCondition[] | undefined,
  generation: number | undefined,
): RepositoryCondition[] {
  return (conditions ?? []).map((one) =>
    generation === undefined || (one.observedGeneration ?? 0) >= generation
      ? one
      : { ...one, observedGeneration: generation },
  );
}

function conditionOf(object: Repository, wanted: string): RepositoryCondition | undefined {
  return object.status?.conditions?.find(({ type }) => type === wanted);
}

const draftsMirrored: Condition = {
  type: 'DraftsMirrored',
  status: 'True',
  reason: 'Mirrored',
  message: 'All drafts are in Git',
};

/** Before the first synchronisation has ended; undefined when the Repository says so already, or says why it failed. */
export function statusWhileWaiting(object: Repository, now: Date): Repository | undefined {
  if (conditionOf(object, 'Ready') !== undefined) return undefined;
  return set(object, { type: 'Ready', status: 'False', reason: 'Reconciling', message: 'Reading the repository' }, now);
}

/** After a synchronisation that succeeded. `generation`: of the spec that it is about. */
export function statusAfterSync(
  object: Repository,
  generation: number | undefined,
  report: SyncReport,
  backlog: MirrorBacklog,
  now: Date,
): RepositoryStatus {
  const condition = { type: 'Ready', status: 'True', reason: 'Ready', message: 'Repository Ready' };
  let next = set(object, condition, now, generation);
  next = withSkipped(next, report, now);
  next = withConflicts(next, report, now);
  next = withDraftsMirrored(next, backlog, now) ?? next;
  if (backlog.mirrors && conditionOf(next, 'DraftsMirrored') === undefined) next = set(next, draftsMirrored, now);
  return {
    ...next.status,
    conditions: conditionsAt(next.status?.conditions, generation),
    lastFullSyncTime: toTime(now),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    packageCount: report.revisions,
    ...(report.head === null ? {} : { gitCommitHash: report.head }),
  };
}

function withSkipped(object: Repository, report: SyncReport, now: Date): Repository {
  if (report.skipped === undefined) return object;
  const named = report.skipped.map(({ ref, path, reason }) => `${ref}${path ? `:${path}` : ''} (${reason})`);
  if (named.length === 0) return withoutCondition(object, 'NamesSkipped');
  const message = `${named.length} not listed, because the API cannot carry their names: ${firstNames(named, mostNames)}`;
  return set(object, { type: 'NamesSkipped', status: 'True', reason: 'InvalidName', message }, now);
}

function withConflicts(object: Repository, report: SyncReport, now: Date): Repository {
  if (report.conflicts.length === 0) return withoutCondition(object, 'DraftConflict');
  const named = report.conflicts.map(
    ({ name, ours, theirs }) => `${name} (here ${ours ?? 'without a commit'}, in Git ${theirs})`,
  );
  const message =
    `${named.length} changed here and in Git: ${firstNames(named, mostNames)}. What is here stays; to decide, annotate the package revision with ` +
    `${resolveDraftAnnotation}=ours or =theirs (only =theirs where Git has it published)`;
  return set(object, { type: 'DraftConflict', status: 'True', reason: 'ChangedInGit', message }, now);
}

function counted(revisions: number): string {
  return revisions === 1 ? '1 package revision is' : `${revisions} package revisions are`;
}

/** Whether drafts have reached Git, how many have not and since when; undefined when nothing needs to be written. */
export function withDraftsMirrored(object: Repository, backlog: MirrorBacklog, now: Date): Repository | undefined {
  const old = conditionOf(object, 'DraftsMirrored');
  const ageMs = backlog.oldest === undefined ? 0 : now.getTime() - backlog.oldest.getTime();
  const waits = backlog.disputed > 0 || (backlog.waiting > 0 && ageMs >= shownAfterMs);
  if (!waits) {
    if (old === undefined || old.status === 'True') return undefined;
    return set(object, draftsMirrored, now);
  }
  const minutes = Math.max(1, Math.round(ageMs / 60_000));
  const { waiting, disputed } = backlog;
  const message =
    `${counted(waiting + disputed)} not in Git as ${waiting + disputed === 1 ? 'it is' : 'they are'} here, the oldest change for about ${minutes} min` +
    (disputed === 0 ? '' : `; of these, ${disputed} changed in Git too (condition DraftConflict)`) +
    (backlog.error === undefined ? '' : `: ${backlog.error}`);
  if (old?.status === 'False' && old.message === message) return undefined;
  const reason = backlog.waiting === 0 ? 'Conflict' : 'Pending';
  return set(object, { type: 'DraftsMirrored', status: 'False', reason, message }, now);
}

/** What a Repository that is being deleted waits for; undefined when it says so already. */
export function withUnmirrored(object: Repository, { revisions }: UnmirroredError, now: Date): Repository | undefined {
  const message =
    `Changes of ${revisions.length} package ${revisions.length === 1 ? 'revision' : 'revisions'} are not in Git: ${firstNames(revisions, mostNames)}. The Repository goes when they are; ` +
    `to lose them, annotate it with ${discardDraftsAnnotation}=true`;
  const old = conditionOf(object, 'Unregistered');
  if (old?.message === message) return undefined;
  return set(object, { type: 'Unregistered', status: 'False', reason: 'DraftsNotMirrored', message }, now);
}

/** After a synchronisation that failed: never Ready, with the reason and what to do about it. */
export function statusAfterFailure(
  object: Repository,
  generation: number | undefined,
  error: Error,
  now: Date,
): RepositoryStatus {
  const condition = { type: 'Ready', status: 'False', reason: reasonOf(error), message: failureText(error) };
  const next = set(object, condition, now, generation);
  return {
    ...next.status,
    conditions: conditionsAt(next.status?.conditions, generation),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
}

/** Whether people have been told that so much is gone from Git that removing it from the API wants their word. */
export function saysRefsVanished(object: Repository): boolean {
  return conditionOf(object, 'Ready')?.reason === refsVanished;
}

function reasonOf(error: Error): string {
  if (error instanceof RefsVanishedError) return refsVanished;
  if (error instanceof RepositoryConflictError) return repositoryConflict;
  if (error instanceof UnsupportedError) return 'Unsupported';
  return 'Error';
}

/** What people are told of a synchronisation that failed: the class of the error, what happened, and what to do. */
export function failureText(error: Error): string {
  if (!(error instanceof GitError)) return error.message;
  const kind = error.errorClass === 'Other' ? '' : `${error.errorClass}: `;
  return `${kind}${error.explanation}`;
}

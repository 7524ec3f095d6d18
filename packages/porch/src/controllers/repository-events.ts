import type { EventText } from '@porch/apiserver';
import { firstNames } from '../engine/first-names.ts';
import type { Repository, RepositoryCondition } from '../resources/repository.ts';

/** Package revisions that one message names at most. */
const mostNames = 5;

/** Where events about Repositories go. Recording never fails and never waits; the same said again is counted up. */
export interface RepositoryEvents {
  record(object: Repository, text: EventText): void;
}

type Find = (type: string) => RepositoryCondition | undefined;

/**
 * What is worth an event when a Repository's conditions become others: readiness, conflicts and names that are skipped, and drafts
 * that wait. `changed`: whether a synchronisation has just taken over changes from Git.
 */
export function eventsBetween(before: Repository, after: Repository, changed = false): EventText[] {
  const old: Find = (type) => before.status?.conditions?.find((condition) => condition.type === type);
  const now: Find = (type) => after.status?.conditions?.find((condition) => condition.type === type);
  return [...readiness(old('Ready'), now('Ready'), changed), ...disputes(old, now), ...waiting(old, now)];
}

/** Package revisions, each with the reason, that a synchronisation has found with a Kptfile that nobody can read. */
export function unreadableKptfiles(named: readonly string[]): EventText {
  const message =
    `${named.length} listed without the metadata, conditions and readiness gates of the Kptfile, which cannot be read: ` +
    firstNames(named, mostNames);
  return { type: 'Warning', reason: 'KptfileUnreadable', message };
}

/** A failure that goes on is told each time it is met, and counted. */
function readiness(
  old: RepositoryCondition | undefined,
  now: RepositoryCondition | undefined,
  changed: boolean,
): EventText[] {
  if (now === undefined || now.reason === 'Reconciling') return [];
  if (now.status === 'True') {
    const message = 'The package revisions are those in Git';
    return changed || old?.status !== 'True' ? [{ type: 'Normal', reason: 'Synced', message }] : [];
  }
  return [{ type: 'Warning', reason: now.reason === 'Error' ? 'SyncFailed' : now.reason, message: now.message }];
}

function disputes(old: Find, now: Find): EventText[] {
  const texts: EventText[] = [];
  for (const type of ['DraftConflict', 'NamesSkipped']) {
    const { message } = now(type) ?? {};
    if (message !== undefined && message !== old(type)?.message) texts.push({ type: 'Warning', reason: type, message });
  }
  if (old('DraftConflict') !== undefined && now('DraftConflict') === undefined) {
    const message = 'No draft is changed here and in Git any more';
    texts.push({ type: 'Normal', reason: 'DraftConflictEnded', message });
  }
  return texts;
}

function waiting(old: Find, now: Find): EventText[] {
  const texts: EventText[] = [];
  const mirrored = now('DraftsMirrored');
  if (mirrored?.status === 'False' && old('DraftsMirrored')?.status !== 'False') {
    const message = 'Changes of drafts wait to be in Git; the condition DraftsMirrored says how many and why';
    texts.push({ type: 'Warning', reason: 'DraftsNotMirrored', message });
  }
  if (mirrored?.status === 'True' && old('DraftsMirrored')?.status === 'False') {
    texts.push({ type: 'Normal', reason: 'DraftsMirrored', message: mirrored.message });
  }
  const unregistered = now('Unregistered');
  if (unregistered !== undefined && unregistered.message !== old('Unregistered')?.message) {
    texts.push({ type: 'Warning', reason: 'UnregisteringWaits', message: unregistered.message });
  }
  return texts;
}

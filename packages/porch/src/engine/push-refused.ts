import { setTimeout as pause } from 'node:timers/promises';
import type { StatusError } from '@porch/apiserver';
import type { Intent } from '../cache/records.ts';
import { shortReference } from '../git/layout.ts';
import { rejectionKind } from '../git/push-report.ts';
import { GitError, type ReferenceUpdate, type RemoteReferences } from '../git/types.ts';
import { leftOf, type NotDone } from '../outbox/intents.ts';
import { conflict } from './errors.ts';

/** How often a push is built anew on a branch that others move meanwhile: on a busy branch that is more than a few times. */
export const mostMoves = 20;
/** How often a push is made that finds references locked. */
const MOST_LOCKED = 5;
const FIRST_PAUSE_MS = 50;

const inTheWay = /exists; cannot create/;

/** The references of a push that was not done which somebody else has changed. */
export function movedReferences(intent: Intent, { references }: NotDone): readonly ReferenceUpdate[] {
  const own = changedReferences(intent, references);
  return intent.updates.filter(
    (update) => (references.refs.get(update.ref) ?? null) !== update.old && !own.includes(update),
  );
}

/** The references that a push which was not done has changed: the first ones, where the remote takes no atomic pushes. */
function changedReferences(intent: Intent, references: RemoteReferences): readonly ReferenceUpdate[] {
  const left = leftOf(intent, references);
  return left === undefined ? [] : intent.updates.slice(0, -left.length);
}

/** Whether a push was not done although nothing has moved because references were locked. */
function wasContended({ refused }: NotDone): boolean {
  const own = [...refused.values()].filter((reason) => rejectionKind(reason) !== 'others');
  return own.length > 0 && own.every((reason) => rejectionKind(reason) === 'moved' && !inTheWay.test(reason));
}

/**
 * Whether a push that has moved nothing may be made again: references were locked by another push, or while the repository is being packed.
 * Says so after a moment, twice as long each time, in which they may have been let go. `times`: how often that has been so, this one
 * included.
 * @throws what the signal was aborted with
 */
export async function mayBeMadeAgain(notDone: NotDone, times: number, signal: AbortSignal): Promise<boolean> {
  if (!wasContended(notDone) || times >= MOST_LOCKED) return false;
  await pause(FIRST_PAUSE_MS * 2 ** (times - 1), undefined, { signal }).catch(() => signal.throwIfAborted());
  return true;
}

/** Whether a push was not done, nor any part of it, because the repository does not want it. */
export function wasDeclined(intent: Intent, notDone: NotDone): boolean {
  const isDeclined = [...notDone.refused.values()].some((reason) => rejectionKind(reason) === 'declined');
  const changed = changedReferences(intent, notDone.references);
  return isDeclined && changed.length === 0 && movedReferences(intent, notDone).length === 0;
}

const CONTENTION_ADVICE =
  'Try again: the repository was busy with others. If that lasts, a git that was killed there has left a lock file, which whoever runs ' +
  'the repository has to remove.';

/** The error of a push that the repository does not want although nothing has moved, with what it said. */
export function pushRefused(intent: Intent, notDone: NotDone): GitError {
  const reasons = [...notDone.refused.values()];
  const own = reasons.filter((reason) => rejectionKind(reason) === 'declined');
  const said = [...new Set(own.length > 0 ? own : reasons)].join('; ');
  const changed = changedReferences(intent, notDone.references);
  const what = namesOf(intent.updates.filter((update) => !changed.includes(update)));
  const before =
    changed.length === 0 ? '' : `, which takes no atomic pushes and has taken that to ${namesOf(changed)} already,`;
  const message = `the repository${before} refused the push to ${what}${said === '' ? '' : `: ${said}`}`;
  if (wasContended(notDone)) return new GitError('Other', message, CONTENTION_ADVICE);
  return new GitError(
    'Rejected',
    message,
    inTheWay.test(said)
      ? 'Rename or remove the branch or tag that stands where a directory of references has to be.'
      : 'Check branch protection, hooks, and the permissions of the credentials.',
  );
}

function namesOf(updates: readonly ReferenceUpdate[]): string {
  return updates.map(({ ref }) => shortReference(ref)).join(', ');
}

/** 409 for a write to a branch that somebody has removed. It is not made again without being asked for. */
export function branchGone(name: string, branch: string): StatusError {
  return conflict(
    name,
    `branch "${branch}" is gone from the Git repository; restore it, or have it made again with spec.git.createBranch and ` +
      'spec.sync.runOnceAt of the Repository',
  );
}

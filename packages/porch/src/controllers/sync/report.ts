import type { SkippedReference } from '../../git/discovery-types.ts';
import type { ObjectId } from '../../git/types.ts';
import type { DraftConflict } from './conflicts.ts';

/** What one synchronisation found and did. */
export interface SyncReport {
  /** Head of the tracked branch. */
  readonly head: ObjectId | null;
  /** Package revisions of the repository afterwards. */
  readonly revisions: number;
  /** Package revisions that were added, changed or removed. */
  readonly changed: number;
  /** References that the API cannot show, with the reason; undefined when nothing had to be looked at: it is as was last said. */
  readonly skipped: readonly SkippedReference[] | undefined;
  /** Drafts that were changed here and in Git. */
  readonly conflicts: readonly DraftConflict[];
  /** Package revisions, of those that were added or changed, with a Kptfile that cannot be read, each with the reason. */
  readonly unreadable: readonly string[];
  /** What was being written at the same time is looked at again in the next round. */
  readonly left: number;
}

/** What is gone from the remote is so much that removing it from the API wants a person's word. */
export class RefsVanishedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RefsVanishedError';
  }
}

/** More than a fifth of the revisions are gone. */
export function revisionsVanished(vanished: number, total: number): RefsVanishedError {
  return new RefsVanishedError(
    `${vanished} of ${total} package revisions are gone from the Git repository. If that is right, set spec.sync.runOnceAt to have them ` +
      'removed here too; if not, restore the branches and tags.',
  );
}

/** The tracked branch is gone. */
export function branchVanished(branch: string): RefsVanishedError {
  return new RefsVanishedError(
    `branch "${branch}" is gone from the Git repository. If that is right, set spec.git.createBranch and spec.sync.runOnceAt to have it ` +
      'made again without what was on it, or register the repository again with a branch that it has; if not, restore the branch.',
  );
}

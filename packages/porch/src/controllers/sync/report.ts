import type { SkippedReference } from '../../git/discovery-types.ts';
import type { ObjectId } from '../../git/types.ts';

/** What one synchronisation found and did. */
export interface SyncReport {
  /** Head of the tracked branch. */
  readonly head: ObjectId | null;
  /** Package revisions of the repository afterwards. */
  readonly revisions: number;
  /** Package revisions that were added, changed or removed. */
  readonly changed: number;
  /** References that the API cannot show, with the reason. */
  readonly skipped: readonly SkippedReference[];
  /** Drafts that were changed here and in Git. */
  readonly conflicts: readonly string[];
  /** What was being written at the same time is looked at again in the next round. */
  readonly left: number;
}

/** So much is gone from the remote that removing it from the API wants a person's word. */
export class RefsVanishedError extends Error {
  readonly vanished: number;
  readonly total: number;

  constructor(vanished: number, total: number) {
    super(
      `${vanished} of ${total} package revisions are gone from the Git repository. If that is right, set spec.sync.runOnceAt to have them ` +
        'removed here too; if not, restore the branches and tags.',
    );
    this.name = 'RefsVanishedError';
    this.vanished = vanished;
    this.total = total;
  }
}

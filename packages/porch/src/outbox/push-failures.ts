/**
 * What can be done about drafts that could not be pushed: each may be tried alone, or without what it was in between.
 */

import { rejectionKind } from '../git/push-report.ts';
import { GitError } from '../git/types.ts';

/** Whether one revision of several may have made their push fail: then each is tried alone, and the others go through. */
export function mayBeOnesFault(error: unknown): boolean {
  return !(error instanceof GitError) || error.errorClass === 'Other' || error.errorClass === 'TooLarge';
}

/**
 * Whether a remote refused what it was sent as a whole: that is larger than it takes, or a hook that sees all of it dislikes one part. The
 * reason begins with a reference.
 */
export function isOfAllTogether(reason: string): boolean {
  return /^\S+: (?:unpacker error|pre-receive hook declined)/.test(reason);
}

/** Whether a remote does not want what it was sent, which may be an earlier version of a draft. The reason begins with a reference. */
export function isDeclined(reason: string): boolean {
  return rejectionKind(reason.replace(/^\S+: /, '')) === 'declined';
}

/**
 * Reads what `git push --porcelain` writes: one line for each reference.
 */

/** What git said of one reference. */
export interface PushedReference {
  /** `lost`: sent, but the remote did not say what became of it. */
  readonly state: 'accepted' | 'rejected' | 'lost';
  readonly reason: string;
}

/** The answers by reference name. */
export function parsePushReport(output: string): ReadonlyMap<string, PushedReference> {
  const references = new Map<string, PushedReference>();
  for (const line of output.split('\n')) {
    const [flag, refs, summary] = line.split('\t');
    if (flag?.length !== 1 || refs === undefined || summary === undefined) continue;
    const name = refs.slice(refs.indexOf(':') + 1);
    if (flag !== '!') references.set(name, { state: 'accepted', reason: '' });
    else if (summary.startsWith('[remote failure]')) references.set(name, { state: 'lost', reason: summary });
    else references.set(name, { state: 'rejected', reason: inBrackets(summary) });
  }
  return references;
}

/** What stands in brackets at the end of a summary, or all of it where nothing does. */
function inBrackets(summary: string): string {
  const open = summary.indexOf('(');
  return open >= 0 && summary.endsWith(')') ? summary.slice(open + 1, -1) : summary;
}

/**
 * Why a reference was rejected. `moved`: it is not what the lease says, so look at the remote again. `others`: only because another
 * reference of the same atomic push was rejected. `declined`: the remote does not want it; trying again is of no use.
 */
export type RejectionKind = 'moved' | 'others' | 'declined';

/** The words of git itself; JGit, which Gerrit and others are made with, says only `failed to lock`. */
const MOVED =
  /stale info|fetch first|non-fast-forward|already exists|does not exist|failed to (?:update|lock) ref|^failed to lock$|cannot lock ref|incorrect old value|needs force|transaction failed/i;
/** Of git, and of JGit. */
const OTHERS = /atomic push fail|^transaction aborted$/i;

/** The kind of a rejection, from the reason of a `PushOutcome`. */
export function rejectionKind(reason: string): RejectionKind {
  const own = reason.split(': ', 1)[0] ?? reason;
  if (OTHERS.test(own)) return 'others';
  return MOVED.test(own) ? 'moved' : 'declined';
}

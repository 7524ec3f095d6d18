import type { RequestContext, WriteResult } from '@porch/apiserver';
import { timeOf } from '../cache/clock.ts';
import { planPackageWrites, type RevisionChange } from '../cache/package-writes.ts';
import type { ResourcesState, RevisionState } from '../cache/records.ts';
import { commitAuthor } from '../git/annotation.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { commitRevision } from './commit-revision.ts';
import { withGeneration } from './derived-fields.ts';
import { conflict } from './errors.ts';
import { writeMutex } from './mutex-names.ts';
import type { EngineParts } from './parts.ts';
import { retryingBeside } from './retrying.ts';
import type { Target } from './target.ts';

/** What a write changes beside the object. */
export interface Extras {
  readonly content?: { readonly digest: string; readonly bytes: Uint8Array } | undefined;
  readonly state?: RevisionState | undefined;
  /** What is known of its files from now on; written with the state. */
  readonly resources?: ResourcesState | undefined;
}

/** The state of a draft with one more commit to be made, of files that were rendered. */
export function withRenderedFiles(
  parts: EngineParts,
  { user }: RequestContext,
  { git, state }: Target,
  content: string,
): RevisionState {
  const author = commitAuthor(git.object.spec.git, user);
  const commit = { content, task: { type: 'render' }, author, time: parts.clock().toISOString() };
  return { ...state.value, pending: [...state.value.pending, commit] };
}

/**
 * Writes one changed revision. A push that records its outcome at the same time is taken into account by trying again with the
 * state as it then is; the object itself must still be as it was read. Nothing is written for a client that no longer waits.
 */
export async function writeRevision(
  parts: EngineParts,
  context: RequestContext,
  target: Target,
  object: PackageRevision,
  extras: Extras,
  options: { readonly dryRun: boolean },
): Promise<WriteResult> {
  const { git, read } = target;
  const { namespace, name } = read.key;
  const place = { namespace, repository: git.name, packageName: read.value.spec.packageName ?? '' };
  const attempt = async (): Promise<WriteResult> => {
    context.signal.throwIfAborted();
    const state = extras.state === undefined ? undefined : rebase(parts, target, extras.state);
    const change: RevisionChange = {
      namespace,
      name,
      object: withGeneration(read.value, object),
      expected: read.revision,
      ...(extras.content === undefined ? {} : { content: extras.content.digest }),
      ...(state === undefined ? {} : { state: state.value, expectedState: state.revision }),
      ...(extras.resources === undefined ? {} : { resources: extras.resources }),
    };
    const subject = { namespace, name, dryRun: options.dryRun, created: false };
    return commitRevision(parts, subject, {
      ...(extras.content === undefined ? {} : { content: [extras.content] }),
      operations: planPackageWrites(parts.cache, place, [change], timeOf(parts.clock)),
    });
  };
  return parts.packageMutexes.run(writeMutex(place), () => retryingBeside(read.key, attempt));
}

/** The wanted state on top of what a push may have written since the target was read: all that a write adds are commits. */
function rebase(parts: EngineParts, target: Target, wanted: RevisionState): { value: RevisionState; revision: number } {
  const { namespace, name } = target.read.key;
  const now = parts.cache.state(namespace, name);
  if (now === undefined) throw conflict(name, 'it is being deleted');
  if (now.revision === target.state.revision) return { value: wanted, revision: now.revision };
  const added = wanted.pending.slice(target.state.value.pending.length);
  return { value: { ...now.value, pending: [...now.value.pending, ...added] }, revision: now.revision };
}

import { fieldError, type RequestContext, statusErrors } from '@porch/apiserver';
import type { GitRepository } from '../cache/git-repositories.ts';
import type { RevisionState } from '../cache/records.ts';
import type { Read, ReadRevision } from '../cache/revision-cache.ts';
import { packageRevisions, porchGroup } from '../resources/group.ts';
import { answering, busy, revisionNotFound, stale, type View } from './errors.ts';
import type { EngineParts } from './parts.ts';
import { retrying } from './retrying.ts';

/** A package revision with everything that a write to it needs, read at one moment. */
export interface Target {
  readonly git: GitRepository;
  readonly read: ReadRevision;
  readonly state: Read<RevisionState>;
}

/**
 * Runs `work` as the only writer of a package revision. Whoever comes second gets a 409 at once, also while a push of this
 * revision has an unknown outcome. Synchronisations and publications of its siblings write it without being such a writer: when one of them
 * was faster, `work` runs again with what is there then, and has to refuse a resourceVersion that was asked for.
 */
export async function withRevision<T>(
  parts: EngineParts,
  context: RequestContext,
  view: View,
  name: string,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const { namespace } = context;
  const release = await parts.revisionLocks.tryAcquire(namespace, name);
  if (release === undefined) throw busy(view, namespace, name);
  const attempt = async (): Promise<T> => {
    context.signal.throwIfAborted();
    const read = parts.cache.packageRevision(namespace, name);
    const state = parts.cache.state(namespace, name);
    if (read === undefined || state === undefined) throw revisionNotFound(view, name);
    if (state.value.intent !== undefined) throw busy(view, namespace, name);
    const git = await parts.repositories.open(namespace, read.value.spec.repository ?? '');
    return work({ git, read, state });
  };
  try {
    return await answering(view, name, `the change to ${name} could not be made`, () => retrying(attempt));
  } finally {
    await release();
  }
}

/** @throws StatusError 400 for a missing resourceVersion, 409 for a stale one */
export function checkResourceVersion(view: View, name: string, asked: string | undefined, actual: number): void {
  if (asked === undefined || asked === '') {
    const kind = view === packageRevisions ? 'PackageRevision' : 'PackageRevisionResources';
    throw statusErrors.invalid(
      { group: porchGroup, kind },
      name,
      [fieldError.invalid('metadata.resourceVersion', '', 'resourceVersion must be specified for an update')],
      400,
    );
  }
  if (asked !== String(actual)) throw stale(view, name);
}

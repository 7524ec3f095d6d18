import { fieldError, PreconditionFailedError, StatusError, statusErrors } from '@porch/apiserver';
import { PackageError, type RenderOutcome } from '@porch/kpt';
import { InvalidRemoteUrlError } from '../git/remote-url.ts';
import { GitError } from '../git/types.ts';
import {
  type packageRevisionResources,
  packageRevisions,
  porchGroup,
  resolveDraftAnnotation,
} from '../resources/group.ts';

const revisionsResource = { group: porchGroup, resource: 'packagerevisions' };
const resourcesResource = { group: porchGroup, resource: 'packagerevisionresources' };

/** Which of the two views of a package revision a request is about. */
export type View = typeof packageRevisions | typeof packageRevisionResources;

function resourceOf(view: View): { group: string; resource: string } {
  return view === packageRevisions ? revisionsResource : resourcesResource;
}

/** 404 for a package revision, under the name of the view that was asked for. */
export function revisionNotFound(view: View, name: string): StatusError {
  return statusErrors.notFound(resourceOf(view), name);
}

/** 409 for the loser of two overlapping writes. */
export function busy(view: View, namespace: string, name: string): StatusError {
  return statusErrors.conflict(
    resourceOf(view),
    name,
    `another request is already in progress on package revision "${namespace}/${name}"`,
  );
}

/** 409 for a resourceVersion that is no longer the current one. */
export function stale(view: View, name: string): StatusError {
  return statusErrors.conflict(
    resourceOf(view),
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** 409 with words of its own. */
export function conflict(name: string, cause: string): StatusError {
  return statusErrors.conflict(revisionsResource, name, cause);
}

/** 409 for a draft that was changed here and in Git, until somebody has decided. */
export function disputed(name: string, theirs: string): StatusError {
  return conflict(
    name,
    `it was changed here and in Git (commit ${theirs}); annotate it with ${resolveDraftAnnotation}=ours to keep what is here, ` +
      'or =theirs to take what is in Git, and try again when the annotation is gone',
  );
}

/** 403 for what a package revision's state forbids. */
export function refused(name: string, cause: string): StatusError {
  return statusErrors.forbidden(revisionsResource, name, cause);
}

/** 400 for a field of a package revision. */
export function invalidField(name: string, field: string, value: unknown, detail: string): StatusError {
  return statusErrors.invalid(
    { group: porchGroup, kind: 'PackageRevision' },
    name,
    [fieldError.invalid(field, value, detail)],
    400,
  );
}

/** 400 for a draft whose pipeline failed; one cause for each result that says so. */
export function renderFailed(outcome: RenderOutcome, saved: boolean): StatusError {
  const where = saved
    ? 'Package pushed to remote despite render failure.'
    : "Package NOT pushed to remote. Fix locally (until 'kpt fn render' succeeds) and retry.";
  const causes = (outcome.result.items ?? []).flatMap((item) =>
    (item.results ?? [])
      .filter((result) => item.exitCode !== 0 && (result.severity ?? 'error') === 'error')
      .map((result) => ({
        reason: 'FunctionFailed',
        message: result.message,
        field: result.file?.path ?? item.image ?? '',
      })),
  );
  return new StatusError(
    400,
    'BadRequest',
    `error rendering package in kpt function pipeline. ${where} Details: ${outcome.error ?? 'unknown'}`,
    { causes: causes.length > 0 ? causes : [{ reason: 'RenderFailed', message: outcome.error ?? 'unknown' }] },
  );
}

/** What a failure of Git means to whoever made the request. */
function gitFailure(what: string, error: GitError): StatusError {
  const message = `${what}: ${error.explanation}`;
  if (error instanceof InvalidRemoteUrlError) return statusErrors.badRequest(message, { cause: error });
  switch (error.errorClass) {
    case 'NotFound':
    case 'Authentication':
    case 'Certificate':
    case 'HostKey':
    case 'Rejected':
    case 'TooLarge':
      return statusErrors.badRequest(message, { cause: error });
    case 'Timeout':
      return statusErrors.timeout(message, { cause: error });
    default:
      return statusErrors.serviceUnavailable(message, { cause: error });
  }
}

/**
 * Runs part of an operation; failures of Git and of the store's preconditions, and what a package's own content is to blame for,
 * become answers to the client.
 */
export async function answering<T>(view: View, name: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GitError) throw gitFailure(what, error);
    if (error instanceof PreconditionFailedError) throw stale(view, name);
    if (error instanceof PackageError) throw statusErrors.badRequest(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

import { type GroupResource, statusErrors } from '../meta/status.ts';
import type { ServedObject } from '../storage/served-object.ts';

/** Why an update that was made on an older state is refused. */
export const modifiedSince =
  'the object has been modified; please apply your changes to the latest version and try again';

/**
 * Checks the preconditions of a delete request.
 * @throws StatusError 409 that names the value asked for and the one found
 */
export function checkPreconditions(
  resource: GroupResource,
  object: ServedObject,
  preconditions: { readonly uid?: string; readonly resourceVersion?: string } | undefined,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== object.uid) throw failed(resource, object, 'UID', uid, object.uid);
  const revision = String(object.revision);
  if (resourceVersion !== undefined && resourceVersion !== revision) {
    throw failed(resource, object, 'ResourceVersion', resourceVersion, revision);
  }
}

/**
 * Checks what an updated object says of the one it replaces: no uid and no resourceVersion mean no condition.
 * @throws StatusError 409
 */
export function checkUpdated(
  resource: GroupResource,
  current: ServedObject,
  metadata: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  if (metadata.uid !== undefined && metadata.uid !== '' && metadata.uid !== current.uid) {
    throw failed(resource, current, 'UID', metadata.uid, current.uid);
  }
  const { resourceVersion = '' } = metadata;
  if (resourceVersion !== '' && resourceVersion !== String(current.revision)) {
    throw statusErrors.conflict(resource, current.key.name, modifiedSince);
  }
}

/** The cause of a 409 for an object that is not the one asked for. `what` was compared; `found` is empty where there is no object. */
export function preconditionFailed(what: 'UID' | 'ResourceVersion', asked: string, found: string): string {
  return `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${found}`;
}

function failed(
  resource: GroupResource,
  object: ServedObject,
  what: 'UID' | 'ResourceVersion',
  asked: string,
  found: string,
) {
  return statusErrors.conflict(resource, object.key.name, preconditionFailed(what, asked, found));
}

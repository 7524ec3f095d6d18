import { fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { isStatusError, type StatusError, statusErrors } from '../../meta/status.ts';
import { type Decoded, decodeValue } from '../../schema/decode.ts';
import { groupKindOf, type ResourceRequest } from './resource-request.ts';

/** The 422 for a patch that makes an object which its kind cannot hold. */
export function refusedPatch({ definition, info }: ResourceRequest, why: string): StatusError {
  const refused = fieldError.invalid('patch', 'the patched object', why);
  return statusErrors.invalid(groupKindOf(definition), info.name, [refused]);
}

/**
 * Decodes a patched object.
 * @throws StatusError 422 for one that its kind cannot hold
 */
export function decodePatched(request: ResourceRequest, value: unknown): Decoded<KubernetesObject> {
  try {
    return decodeValue<KubernetesObject>(request.definition, value);
  } catch (error) {
    if (!isStatusError(error, 'BadRequest')) throw error;
    throw refusedPatch(request, error.message);
  }
}

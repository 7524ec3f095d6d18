import { fieldError } from '../../meta/field-error.ts';
import type { KubernetesObject } from '../../meta/object.ts';
import { isStatusError, statusErrors } from '../../meta/status.ts';
import { type Decoded, decodeValue } from '../../schema/decode.ts';
import { groupKindOf, type ResourceRequest } from './resource-request.ts';

/**
 * Decodes a patched object.
 * @throws StatusError 422 for one that its kind cannot hold
 */
export function decodePatched(request: ResourceRequest, value: unknown): Decoded<KubernetesObject> {
  try {
    return decodeValue<KubernetesObject>(request.definition, value);
  } catch (error) {
    if (!isStatusError(error, 'BadRequest')) throw error;
    const refused = fieldError.invalid('patch', 'the patched object', error.message);
    throw statusErrors.invalid(groupKindOf(request.definition), request.info.name, [refused]);
  }
}

import { isObject } from '../meta/json-object.ts';
import type { ReadValue } from '../schema/read-json.ts';
import { mergePatch } from '../storage/merge-patch.ts';
import { PatchError, type PreparedPatch } from './prepared-patch.ts';

/**
 * A JSON merge patch (RFC 7386) of an object.
 * @throws PatchError
 */
export function prepareMergePatch({ value, problems }: ReadValue): PreparedPatch {
  if (!isObject(value)) throw new PatchError(400, 'patch', 'a merge patch must be a JSON object');
  return { problems, apply: (current) => mergePatch(current, value) };
}

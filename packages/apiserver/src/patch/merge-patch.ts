import { mergePatch } from '../storage/merge-patch.ts';
import { PatchError, type PreparedPatch } from './prepared-patch.ts';
import { isObject, readPatch } from './read-patch.ts';

/**
 * A JSON merge patch (RFC 7386) of an object.
 * @throws PatchError
 */
export function prepareMergePatch(body: Buffer): PreparedPatch {
  const { value, problems } = readPatch(body);
  if (!isObject(value)) throw new PatchError(400, 'patch', 'a merge patch must be a JSON object');
  return { problems, apply: (current) => mergePatch(current, value) };
}

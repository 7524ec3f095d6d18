import { DecodeError } from '../schema/decoding.ts';
import { type ReadValue, readJson } from '../schema/read-json.ts';
import { PatchError } from './prepared-patch.ts';

/** The JSON of a patch; an error says what is wrong with it. */
export function readPatch(body: Buffer): ReadValue {
  try {
    if (body.length === 0) throw new DecodeError('', 'the request has no body');
    return readJson(body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new PatchError(400, 'patch', `the patch cannot be read: ${error.message}`, { cause: error });
  }
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

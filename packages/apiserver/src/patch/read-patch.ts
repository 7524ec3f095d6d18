import { DecodeError } from '../schema/decoding.ts';
import { type ReadValue, requireBody } from '../schema/read-json.ts';
import { PatchError } from './prepared-patch.ts';

/**
 * The JSON of a patch; `reading` reads what is not empty.
 * @throws PatchError 400 that says what is wrong with it
 */
export async function readPatch(body: Buffer, reading: (body: Buffer) => Promise<ReadValue>): Promise<ReadValue> {
  try {
    requireBody(body);
    return await reading(body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new PatchError(400, 'patch', `the patch cannot be read: ${error.message}`, { cause: error });
  }
}

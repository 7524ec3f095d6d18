import { createHmac } from 'node:crypto';

/**
 * Makes sure that a database is opened with the key it was first written with. `stored` is what an earlier opening left there.
 * @returns what is to be left there, undefined without a key
 * @throws Error when the key is missing or another
 */
export function checkKey(stored: string | undefined, key: Uint8Array | undefined): string | undefined {
  if (key === undefined) {
    if (stored !== undefined) throw new Error('the database has encrypted values, and no encryption key was given');
    return undefined;
  }
  const check = createHmac('sha256', key).update('encryption key of this database').digest('hex');
  if (stored !== undefined && stored !== check) {
    throw new Error('the encryption key is not the one that the database was written with');
  }
  return check;
}

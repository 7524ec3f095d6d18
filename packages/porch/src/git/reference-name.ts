/**
 * Full names of references, as Git allows them.
 */

import { isReferenceName } from '../resources/reference-name.ts';
import { gitError } from './errors.ts';

/** @throws GitError Other when the name is not a full, well-formed reference name */
export function assertReferenceName(name: string): void {
  if (!isReferenceName(name))
    throw gitError('Other', `${JSON.stringify(name)} is not a reference name that Git allows`);
}

/** Whether a text is an object id. */
export function isObjectId(id: string): boolean {
  return /^[0-9a-f]{40}$/.test(id);
}

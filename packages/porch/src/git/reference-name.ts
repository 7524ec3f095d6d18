/**
 * Full names of references, as Git allows them.
 */

import { gitError } from './errors.ts';

const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|\.$|\/$/;

/** Whether a name is a full, well-formed reference name. */
export function isReferenceName(name: string): boolean {
  return /^refs\/[^/.].*\/?/.test(name) && !FORBIDDEN.test(name);
}

/** @throws GitError Other when the name is not a full, well-formed reference name */
export function assertReferenceName(name: string): void {
  if (!isReferenceName(name))
    throw gitError('Other', `${JSON.stringify(name)} is not a reference name that Git allows`);
}

/** Whether a text is an object id. */
export function isObjectId(id: string): boolean {
  return /^[0-9a-f]{40}$/.test(id);
}

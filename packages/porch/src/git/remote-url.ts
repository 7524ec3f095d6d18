/**
 * Addresses of remotes: which are accepted, and which are the same.
 */

import { createHash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutLastSlashes } from '@porch/apiserver';
import { type RemoteUrlOptions, remoteUrlErrors } from '../resources/remote-url.ts';
import { formatSshAddress, isSshAddress, parseSshAddress } from '../resources/ssh-address.ts';
import { GitError } from './types.ts';

/** An address that cannot be used. The message says why and repeats no user information. */
export class InvalidRemoteUrlError extends GitError {
  constructor(message: string, advice: string) {
    super('Other', message, advice);
    this.name = 'InvalidRemoteUrlError';
  }
}

/**
 * Checks the address of a remote and gives its normal form: equal for addresses of the same repository that differ only in the case
 * of the host, a default port or slashes at the end. Local repositories become absolute paths.
 * @throws InvalidRemoteUrlError
 */
export function validateRemoteUrl(url: string, options: RemoteUrlOptions): string {
  const [problem] = remoteUrlErrors(url, options);
  if (problem !== undefined) {
    throw new InvalidRemoteUrlError(`the repository address ${problem}`, 'correct the address of the repository');
  }
  if (isAbsolute(url)) return resolve(url);
  if (isSshAddress(url)) return formatSshAddress(parseSshAddress(url));
  const parsed = new URL(url);
  return parsed.protocol === 'file:' ? resolve(fileURLToPath(parsed)) : withoutLastSlashes(parsed.href);
}

/** Whether a normal form is a local path. */
export function isLocalRemote(normalUrl: string): boolean {
  return isAbsolute(normalUrl);
}

/** Whether a normal form is reached over SSH. */
export function isSshRemote(normalUrl: string): boolean {
  return isSshAddress(normalUrl);
}

/** Name of the mirror of a remote given by its normal form. */
export function mirrorName(normalUrl: string): string {
  return createHash('sha256').update(normalUrl).digest('hex');
}

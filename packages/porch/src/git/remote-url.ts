/**
 * Addresses of remotes: which are accepted, and which are the same.
 */

import { createHash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GitError } from './types.ts';

/** An address that cannot be used. The message says why and repeats no user information. */
export class InvalidRemoteUrlError extends GitError {
  constructor(message: string, advice: string) {
    super('Other', message, advice);
    this.name = 'InvalidRemoteUrlError';
  }
}

/** Which addresses are accepted. */
export interface RemoteUrlOptions {
  /** Accept `file://` URLs and absolute paths. */
  readonly allowLocal: boolean;
}

const HTTP_ADVICE = 'use the http or https address of the repository';

/**
 * Checks the address of a remote and gives its normal form: equal for addresses of the same repository that differ only in the case
 * of the host, a default port or slashes at the end. Local repositories become absolute paths.
 * @throws InvalidRemoteUrlError
 */
export function validateRemoteUrl(url: string, options: RemoteUrlOptions): string {
  if (/[\u0000-\u0020\u007f]/.test(url) && !isAbsolute(url)) throw refuse('contains spaces or control characters');
  if (url === '') throw refuse('is empty');
  if (isAbsolute(url)) return local(url, options);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw refuse('is neither an http nor an https URL');
  if (parsed.username !== '' || parsed.password !== '') {
    throw new InvalidRemoteUrlError(
      'the repository address contains user information',
      'leave user name and password out of the address and put them into a secret that the repository names',
    );
  }
  if (parsed.protocol === 'file:') return localUrl(parsed, options);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw refuse(`has the scheme ${JSON.stringify(parsed.protocol.slice(0, -1))}; only http and https are supported`);
  }
  if (parsed.search !== '' || parsed.hash !== '') throw refuse('must not have a query or a fragment');
  return parsed.href.replace(/\/+$/, '');
}

/** Whether a normal form is a local path. */
export function isLocalRemote(normalUrl: string): boolean {
  return isAbsolute(normalUrl);
}

/** Name of the mirror of a remote given by its normal form. */
export function mirrorName(normalUrl: string): string {
  return createHash('sha256').update(normalUrl).digest('hex');
}

function refuse(why: string): InvalidRemoteUrlError {
  return new InvalidRemoteUrlError(`the repository address ${why}`, HTTP_ADVICE);
}

function localUrl(url: URL, options: RemoteUrlOptions): string {
  if (url.host !== '') throw refuse('names a host in a file URL');
  return local(fileURLToPath(url), options);
}

function local(path: string, options: RemoteUrlOptions): string {
  if (!options.allowLocal) {
    throw refuse('is a local path, and this server does not allow local repositories (--allow-local-repositories)');
  }
  if (/[\0\n]/.test(path)) throw refuse('contains control characters');
  return resolve(path);
}

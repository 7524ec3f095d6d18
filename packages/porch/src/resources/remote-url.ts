import { withoutLastSlashes } from '@porch/apiserver';
import { type HostRules, hostProblem } from './host-rules.ts';
import { isSshAddress, parseSshAddress } from './ssh-address.ts';

/** What kinds of remotes are allowed. */
export interface RemoteUrlOptions {
  /** Whether paths and file URLs of the server's own machine may be used. */
  readonly allowLocal: boolean;
  /** Which hosts may be used; all if absent. */
  readonly hosts?: HostRules;
}

const advice = 'give an http or https URL without user information, or an ssh address';

/**
 * What keeps a text from being the URL of a Git repository that this server talks to. The messages never hold the URL, which
 * may carry a password.
 */
export function remoteUrlErrors(text: string, options: RemoteUrlOptions): string[] {
  if (text === '') return [`is empty; ${advice}`];
  if (text.startsWith('/')) return localErrors(text, options);
  if (/[\u0000-\u0020\u007f]/.test(text)) return ['must not contain spaces or control characters'];
  if (isSshAddress(text)) return sshErrors(text, options);
  if (!URL.canParse(text)) return [`is neither a URL nor an ssh address; ${advice}`];
  const url = new URL(text);
  if (url.protocol === 'file:') {
    if (url.host !== '') return ['names a host in a file URL'];
    const path = decoded(url.pathname);
    return path === undefined ? ['has a "%" that begins no escape'] : localErrors(path, options);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return [`has the scheme ${JSON.stringify(url.protocol.slice(0, -1))}, which is not supported; ${advice}`];
  }
  if (url.username !== '' || url.password !== '') {
    return ['must not contain user information; keep credentials in a Secret and name it in secretRef'];
  }
  if (url.search !== '' || url.hash !== '') return ['must not have a query or a fragment'];
  return url.hostname === '' ? [`has no host; ${advice}`] : hostErrors(url.hostname, options);
}

function decoded(path: string): string | undefined {
  try {
    return decodeURI(path);
  } catch {
    return undefined;
  }
}

function hostErrors(host: string, { hosts }: RemoteUrlOptions): string[] {
  const problem = hosts === undefined ? undefined : hostProblem(host, hosts);
  return problem === undefined ? [] : [problem];
}

function sshErrors(text: string, options: RemoteUrlOptions): string[] {
  try {
    return hostErrors(parseSshAddress(text).host, options);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function isValidSshAddress(text: string): boolean {
  return isSshAddress(text) && sshErrors(text, { allowLocal: false }).length === 0;
}

function localErrors(path: string, options: RemoteUrlOptions): string[] {
  if (!options.allowLocal) {
    return [
      'is a local path, and local repositories are not allowed; start the server with --allow-local-repositories, or give an http or https URL',
    ];
  }
  return /[\0\n]/.test(path) ? ['must not contain control characters'] : [];
}

/**
 * The text without anything that may be user information, for messages: nothing before the last `@` is shown. The user of a valid ssh
 * address is no secret.
 */
export function redactedUrl(text: string): string {
  if (isValidSshAddress(text)) return text;
  return text.replace(/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/)?.*@/s, '$1***@');
}

/**
 * One form of the URLs of one remote: host in lower case, without `.git` and slashes at the end. Both ways to write an ssh address
 * count as one: to most servers they are.
 */
export function remoteKey(text: string): string {
  const trimmed = (path: string) => withoutLastSlashes(path).replace(/\.git$/, '');
  if (text.startsWith('/')) return `file://${trimmed(text)}`;
  if (isValidSshAddress(text)) {
    const { host, port, path } = parseSshAddress(text);
    return `ssh://${host}:${port}/${trimmed(path).replace(/^\//, '')}`;
  }
  if (!URL.canParse(text)) return trimmed(text);
  const url = new URL(text);
  return `${url.protocol}//${url.host}${trimmed(url.pathname)}${url.search}`;
}

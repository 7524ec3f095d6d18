import { isIPv6 } from 'node:net';
import { withoutLastSlashes } from '@porch/apiserver';

/** Where a repository is reached over SSH. */
export interface SshAddress {
  readonly user: string;
  /** In lower case; IPv6 addresses in brackets. */
  readonly host: string;
  /** 22 unless told. */
  readonly port: number;
  /** As git sends it: from the root where it begins with a slash, else from the user's home. */
  readonly path: string;
}

const advice = 'write ssh://git@HOST/PATH or git@HOST:PATH';
const userPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const hostPattern = /^[A-Za-z0-9][A-Za-z0-9.-]*$/;

/** Whether a text is meant to be an address of an SSH server: `ssh://...`, or `user@host:path` as scp has it. */
export function isSshAddress(text: string): boolean {
  return /^ssh:\/\//i.test(text) || /^[^/:@]+@[^/@]+:/.test(text);
}

/**
 * Reads an address of an SSH server. The user has to be named: otherwise the remote would be asked to let in the account that
 * this server happens to run as.
 * @throws Error that says what is wrong, without repeating the address: it may hold a password
 */
export function parseSshAddress(text: string): SshAddress {
  const { user, host, port, path } = /^ssh:\/\//i.test(text) ? partsOfUrl(text) : partsOfScp(text);
  if (user === '') throw new Error(`names no user; ${advice}`);
  if (!userPattern.test(user)) throw new Error(`has a user that SSH cannot be given; ${advice}`);
  if (!isHost(host)) throw new Error(`has no valid host; ${advice}`);
  if (path === '' || path === '/') throw new Error(`has no path; ${advice}`);
  // It reaches the remote's shell as an argument of its own, but must not look like an option there.
  if (/^[-:]/.test(path) || path.includes('@'))
    throw new Error(`has a path that begins with "-" or has an "@"; ${advice}`);
  return { user, host: host.toLowerCase(), port, path };
}

/** Brackets are for IPv6 alone: git takes them off, and what is within would be looked up after that, as a name that nobody has checked. */
function isHost(host: string): boolean {
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  return bracketed === undefined ? hostPattern.test(host) : isIPv6(bracketed) && !bracketed.includes('%');
}

function partsOfUrl(text: string): SshAddress {
  if (!URL.canParse(text)) throw new Error(`is not a valid ssh URL; ${advice}`);
  const url = new URL(text);
  if (url.password !== '')
    throw new Error('must not contain a password; keep the key in a Secret and name it in secretRef');
  if (url.search !== '' || url.hash !== '') throw new Error('must not have a query or a fragment');
  return {
    user: decodedUser(url.username),
    host: url.hostname,
    port: url.port === '' ? 22 : Number(url.port),
    path: withoutLastSlashes(url.pathname),
  };
}

/** As it stands where a "%" begins no escape: such a user is refused. */
function decodedUser(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function partsOfScp(text: string): SshAddress {
  const [, user = '', host = '', path = ''] = /^([^/:@]+)@(\[[^\]]*\]|[^/:@]+):(.*)$/s.exec(text) ?? [];
  return { user, host, port: 22, path: withoutLastSlashes(path) };
}

/** The one form of an address, as git is given it. */
export function formatSshAddress({ user, host, port, path }: SshAddress): string {
  if (!path.startsWith('/')) return `${user}@${host}:${path}`;
  return `ssh://${user}@${host}${port === 22 ? '' : `:${port}`}${path}`;
}

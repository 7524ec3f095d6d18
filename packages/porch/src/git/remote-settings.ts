/**
 * How a process is told to reach a remote: settings in its environment, never arguments.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitSetting } from './broker/messages.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { gitError, NO_CREDENTIALS_ADVICE } from './errors.ts';
import { isLocalRemote, isSshRemote } from './remote-url.ts';
import { writeSshFiles } from './ssh-files.ts';
import { GitError, type RemoteAccess, type SshCredentials } from './types.ts';

/** What a process that talks to a remote needs. */
export interface RemoteSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly settings: readonly GitSetting[];
  /** What must not appear in messages. */
  readonly secrets: readonly string[];
}

/** Where files are kept that processes are told to read. */
export interface SettingsDirectories {
  /** For the certificates of CA bundles, which stay. */
  readonly certificates: string;
  /** For the keys of SSH, which are there only while they are used. */
  readonly keys: string;
}

/**
 * Does work with the settings for one remote, given by the normal form of its URL. Credentials are sent to that host only, and at once
 * rather than after a refusal. Keys for SSH are removed afterwards, whatever happens.
 * @throws GitError Authentication when the credentials are not of the kind that the remote takes, or of no use
 */
export async function withRemoteSettings<T>(
  url: string,
  access: RemoteAccess,
  directories: SettingsDirectories,
  work: (settings: RemoteSettings) => Promise<T>,
): Promise<T> {
  if (isLocalRemote(url)) return await work({ env: { GIT_ALLOW_PROTOCOL: 'file' }, settings: [], secrets: [] });
  if (!isSshRemote(url)) return await work(await httpSettings(url, access, directories.certificates));
  if (access.credentials?.type !== 'ssh') {
    const message = `${url} is reached over SSH, and ${insteadOfKey(access)}`;
    throw access.credentials === undefined
      ? new GitError('Authentication', message, NO_CREDENTIALS_ADVICE)
      : gitError('Authentication', message);
  }
  const files = await writeSshFiles(directories.keys, access.credentials);
  try {
    const env = { GIT_ALLOW_PROTOCOL: 'ssh', GIT_SSH_COMMAND: files.command, GIT_SSH_VARIANT: 'ssh' };
    return await work({ env, settings: [], secrets: [files.folder] });
  } finally {
    await files.remove();
  }
}

function insteadOfKey({ credentials }: RemoteAccess): string {
  const given = credentials === undefined ? 'no secret is named' : 'the secret has no key for that';
  return `${given}; it takes one of type kubernetes.io/ssh-auth with ssh-privatekey and known_hosts`;
}

async function httpSettings(url: string, access: RemoteAccess, certificates: string): Promise<RemoteSettings> {
  const origin = `${new URL(url).origin}/`;
  const settings: GitSetting[] = [];
  const secrets: string[] = [];
  if (access.credentials?.type === 'ssh') {
    throw gitError(
      'Authentication',
      `${url} is reached over HTTP, and the secret has a key for SSH instead of a password or token`,
    );
  }
  if (access.credentials !== undefined) {
    const authorization = authorizationOf(access.credentials);
    settings.push([`http.${origin}.extraHeader`, `Authorization: ${authorization.scheme} ${authorization.value}`]);
    secrets.push(authorization.value, authorization.secret);
  }
  if (access.caBundle !== undefined) {
    const folder = await keepCaBundle(access.caBundle, certificates);
    settings.push([`http.${origin}.sslCAInfo`, join(folder, 'ca.crt')], [`http.${origin}.sslCAPath`, folder]);
  }
  return { env: { GIT_ALLOW_PROTOCOL: 'http:https' }, settings, secrets };
}

/** Tells accesses apart without naming what is secret in them. */
export function accessKey(access: RemoteAccess): string {
  return createHash('sha256')
    .update(JSON.stringify([access.credentials, access.caBundle]))
    .digest('hex');
}

function authorizationOf(credentials: Exclude<NonNullable<RemoteAccess['credentials']>, SshCredentials>) {
  const secret = credentials.type === 'basic' ? credentials.password : credentials.token;
  if (/[\u0000-\u001f\u007f]/.test(secret)) {
    throw gitError(
      'Authentication',
      'the password or token of the secret contains control characters, such as a line break',
    );
  }
  if (credentials.type === 'bearer') return { scheme: 'Bearer', value: credentials.token, secret };
  const value = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  return { scheme: 'Basic', value, secret };
}

async function keepCaBundle(pem: string, directory: string): Promise<string> {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw gitError('Certificate', 'the CA bundle contains no PEM certificate');
  }
  const folder = join(directory, createHash('sha256').update(pem).digest('hex'));
  const file = join(folder, 'ca.crt');
  // After a power failure the file may be there without its content.
  if ((await textOf(file)) === pem) return folder;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}.${performance.now()}`;
  await writeFile(unfinished, pem, { mode: 0o600 });
  await rename(unfinished, file);
  return folder;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/**
 * How a process is told to reach a remote: settings in its environment, never arguments.
 */

import { createHash } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitSetting } from './broker/messages.ts';
import { isMissingFile } from './broker/system-errors.ts';
import { gitError } from './errors.ts';
import { isLocalRemote } from './remote-url.ts';
import type { RemoteAccess } from './types.ts';

/** What a process that talks to a remote needs. */
export interface RemoteSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly settings: readonly GitSetting[];
  /** What must not appear in messages. */
  readonly secrets: readonly string[];
}

/**
 * Settings for one remote, given by the normal form of its URL. Credentials are sent to that host only, and at once rather than after
 * a refusal; certificates of a CA bundle are kept as files below `directory`, each in a folder of its own.
 */
export async function remoteSettings(url: string, access: RemoteAccess, directory: string): Promise<RemoteSettings> {
  if (isLocalRemote(url)) return { env: { GIT_ALLOW_PROTOCOL: 'file' }, settings: [], secrets: [] };
  const origin = `${new URL(url).origin}/`;
  const settings: GitSetting[] = [];
  const secrets: string[] = [];
  if (access.credentials !== undefined) {
    const authorization = authorizationOf(access.credentials);
    settings.push([`http.${origin}.extraHeader`, `Authorization: ${authorization.scheme} ${authorization.value}`]);
    secrets.push(authorization.value, authorization.secret);
  }
  if (access.caBundle !== undefined) {
    const folder = await keepCaBundle(access.caBundle, directory);
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

function authorizationOf(credentials: NonNullable<RemoteAccess['credentials']>) {
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
  try {
    await stat(file);
  } catch (error) {
    if (!isMissingFile(error)) throw error;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unfinished = `${file}.${process.pid}.${performance.now()}`;
    await writeFile(unfinished, pem, { mode: 0o600 });
    await rename(unfinished, file);
  }
  return folder;
}

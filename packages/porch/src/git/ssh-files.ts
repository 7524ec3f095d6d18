/**
 * What ssh is told for one operation: a folder with the key, the known hosts and a configuration, and nothing else. No user's or
 * system's configuration is read, no agent is asked, nothing is learned, and nobody is asked for anything.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitError } from './errors.ts';
import { isEncryptedKey } from './ssh-key.ts';
import type { SshCredentials } from './types.ts';

/** Files of one operation. */
export interface SshFiles {
  readonly folder: string;
  /** The command that git runs in place of ssh, for its shell. */
  readonly command: string;
  /** Removes the files. */
  remove(): Promise<void>;
}

/**
 * Writes the files into a folder of their own below `directory`, which only this user can read.
 * @throws GitError Authentication when the key or the known hosts are of no use
 */
export async function writeSshFiles(directory: string, credentials: SshCredentials): Promise<SshFiles> {
  checkKey(credentials.privateKey);
  if (credentials.knownHosts.trim() === '') {
    throw gitError('HostKey', 'the secret has no known_hosts');
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(directory, 'ssh-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const own = { mode: 0o600 };
    await writeFile(join(folder, 'key'), withNewline(credentials.privateKey), own);
    await writeFile(join(folder, 'known_hosts'), withNewline(credentials.knownHosts), own);
    await writeFile(join(folder, 'config'), configuration(folder), own);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, command: `ssh -F ${shellQuoted(join(folder, 'config'))}`, remove };
}

function checkKey(key: string): void {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) {
    throw gitError('Authentication', 'the ssh-privatekey of the secret is not a private key in PEM or OpenSSH form');
  }
  if (isEncryptedKey(key)) {
    throw gitError(
      'Authentication',
      'the ssh-privatekey of the secret is protected by a passphrase, for which nobody can be asked; use a key without one',
    );
  }
}

function configuration(folder: string): string {
  const file = (name: string) => `"${join(folder, name).replaceAll('%', '%%')}"`;
  return [
    'Host *',
    `IdentityFile ${file('key')}`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${file('known_hosts')}`,
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'PreferredAuthentications publickey',
    'BatchMode yes',
    'ForwardAgent no',
    'ForwardX11 no',
    'ClearAllForwardings yes',
    'PermitLocalCommand no',
    'ControlMaster no',
    'ConnectTimeout 30',
    'ServerAliveInterval 15',
    'ServerAliveCountMax 4',
    'LogLevel ERROR',
    '',
  ].join('\n');
}

/** Secrets are often made with the end of the line cut off, with which ssh cannot read a key. */
function withNewline(text: string): string {
  return `${text.replaceAll('\r\n', '\n').trimEnd()}\n`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { createBareRepository } from './git-repository.ts';

const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path));

/** Why tests over SSH are skipped; undefined where they can run. */
export const noSshServer: string | undefined =
  program === undefined ? 'there is no sshd on this machine; install openssh-server' : undefined;

/** A real sshd on 127.0.0.1 that lets in this very user, with one key, and knows nothing of the system's configuration. */
export interface SshServer {
  readonly port: number;
  /** The user that may log in. */
  readonly user: string;
  /** The key that is let in. */
  readonly privateKey: string;
  /** A line of `known_hosts` for the server. */
  readonly knownHosts: string;
  /** The same with another server's key. */
  readonly wrongKnownHosts: string;
  /** Makes an empty repository, and gives its URL. */
  createRepository(name: string): Promise<string>;
  url(name: string): string;
  /** The bare repository on disk. */
  directory(name: string): string;
  close(): Promise<void>;
}

/** Makes a key pair, and gives the path of the private key; the public one stands beside it. */
export function makeSshKey(folder: string, name: string, passphrase = ''): string {
  const path = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', path]);
  return path;
}

export async function startSshServer(): Promise<SshServer> {
  if (program === undefined) throw new Error(noSshServer);
  const root = await mkdtemp(join(tmpdir(), 'porch-ssh-'));
  const [host, other, user] = ['host', 'other', 'user'].map((name) => makeSshKey(root, name));
  // sshd cannot be asked to choose one.
  const [port = 0] = await freePorts(1);
  const config = join(root, 'sshd_config');
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${host}`,
    `AuthorizedKeysFile ${user}.pub`,
    `PidFile ${join(root, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(child);
  const known = async (key: string | undefined): Promise<string> => {
    const [type, value] = (await readFile(`${key}.pub`, 'utf8')).split(' ');
    return `[127.0.0.1]:${port} ${type} ${value}\n`;
  };
  const directory = (name: string): string => join(root, `${name}.git`);
  const { username } = userInfo();
  const url = (name: string): string => `ssh://${username}@127.0.0.1:${port}${directory(name)}`;
  return {
    port,
    user: username,
    privateKey: await readFile(user ?? '', 'utf8'),
    knownHosts: await known(host),
    wrongKnownHosts: await known(other),
    url,
    directory,
    async createRepository(name) {
      await createBareRepository(directory(name));
      return url(name);
    },
    async close() {
      const closed = once(child, 'close');
      child.kill();
      await closed;
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  let said = '';
  const ready = new Promise<void>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Server listening')) resolve();
    });
  });
  const ended = once(child, 'close').then(() => {
    throw new Error(`sshd ended: ${said}`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => undefined); // it ends when it is closed
}

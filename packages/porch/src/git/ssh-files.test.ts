import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeSshFiles } from './ssh-files.ts';

const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\r\nbm90IGEga2V5\r\n-----END OPENSSH PRIVATE KEY-----';
const credentials = { type: 'ssh', privateKey, knownHosts: 'host ssh-ed25519 AAAA' } as const;

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "it's 100%-"));
});
afterEach(() => rm(parent, { recursive: true }));

test('only this user may read the files, which are gone afterwards', async () => {
  const { folder, remove } = await writeSshFiles(join(parent, 'ssh'), credentials);
  for (const path of [
    join(parent, 'ssh'),
    folder,
    ...['key', 'known_hosts', 'config'].map((name) => join(folder, name)),
  ]) {
    expect((await stat(path)).mode & 0o077).toBe(0);
  }
  expect(await readFile(join(folder, 'key'), 'utf8')).toBe(`${privateKey.replaceAll('\r', '')}\n`);
  expect(await readFile(join(folder, 'known_hosts'), 'utf8')).toBe('host ssh-ed25519 AAAA\n');
  await remove();
  expect(await readdir(join(parent, 'ssh'))).toEqual([]);
});

test('nothing of this machine or its users is used, nothing is learned, and nobody is asked', async () => {
  const { folder } = await writeSshFiles(join(parent, 'ssh'), credentials);
  const lines = (await readFile(join(folder, 'config'), 'utf8')).split('\n');
  for (const line of [
    'IdentitiesOnly yes',
    'IdentityAgent none',
    'GlobalKnownHostsFile none',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'PreferredAuthentications publickey',
    'BatchMode yes',
    'ForwardAgent no',
    'PermitLocalCommand no',
    'ControlMaster no',
  ]) {
    expect(lines).toContain(line);
  }
  // A host that does not answer is given up before the whole operation is.
  expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^ConnectTimeout \d+$/)]));
});

test('the command is one for a shell, wherever the data directory is', async () => {
  const { folder, command } = await writeSshFiles(join(parent, 'ssh'), credentials);
  const script = `set -- ${command}; printf '%s\\n' "$@"`;
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', script]);
  expect(stdout).toBe(`ssh\n-F\n${join(folder, 'config')}\n`);
  // A percent sign would begin a token of ssh's own.
  const file = (name: string): string => `"${join(folder, name).replaceAll('%', '%%')}"`;
  const config = await readFile(join(folder, 'config'), 'utf8');
  expect(config).toContain(`IdentityFile ${file('key')}\n`);
  expect(config).toContain(`UserKnownHostsFile ${file('known_hosts')}\n`);
});

test.each([
  ['no known hosts', { knownHosts: ' \n' }, 'HostKey', 'the secret has no known_hosts'],
  ['a public key', { privateKey: 'ssh-ed25519 AAAA' }, 'Authentication', 'is not a private key'],
  [
    'a key with a passphrase',
    { privateKey: '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----' },
    'Authentication',
    'is protected by a passphrase',
  ],
])('%s is refused before anything is written', async (_, given, errorClass, message) => {
  const writing = writeSshFiles(join(parent, 'ssh'), { ...credentials, ...given });
  await expect(writing).rejects.toMatchObject({ errorClass, message: expect.stringContaining(message) });
  expect(await readdir(parent)).toEqual([]);
});

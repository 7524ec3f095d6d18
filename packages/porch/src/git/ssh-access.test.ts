import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { makeSshKey, noSshServer, type SshServer, startSshServer } from '../../../../e2e/harness/ssh-server.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { createMirrors } from './mirror.ts';
import type { GitError, Mirrors, RemoteAccess, SshCredentials } from './types.ts';

const logger = pino({ level: 'silent' });

describe.skipIf(noSshServer !== undefined)(
  `a remote over SSH${noSshServer ? ` (skipped: ${noSshServer})` : ''}`,
  () => {
    let directory: string;
    let processes: GitProcesses;
    let mirrors: Mirrors;
    let server: SshServer;
    let credentials: SshCredentials;
    let url: string;
    let head: string;

    beforeAll(async () => {
      // The folder has what shells and ssh would read otherwise.
      directory = mkdtempSync(join(tmpdir(), "porch 'ssh' %h-"));
      server = await startSshServer();
      processes = await startBroker({ directory, logger });
      mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: false } });
      credentials = { type: 'ssh', privateKey: server.privateKey, knownHosts: server.knownHosts };
      url = await server.createRepository('repo');
      const tree = await plainGit(server.directory('repo'), ['write-tree']);
      head = await plainGit(server.directory('repo'), ['commit-tree', tree, '-m', 'first']);
      await plainGit(server.directory('repo'), ['update-ref', 'refs/heads/main', head]);
    });

    afterAll(async () => {
      await mirrors?.close();
      await processes?.close();
      await server?.close();
      rmSync(directory, { recursive: true, force: true });
    });

    async function failure(access: RemoteAccess): Promise<GitError> {
      const mirror = await mirrors.open(access.url);
      return await mirror.lsRemote(access).then(
        () => {
          throw new Error('it succeeded');
        },
        (error: GitError) => error,
      );
    }

    test('is read, fetched and pushed to; the key is gone afterwards', async () => {
      const access = { url, credentials };
      const mirror = await mirrors.open(url);
      expect((await mirror.lsRemote(access)).refs.get('refs/heads/main')).toBe(head);
      await mirror.fetch(access);
      expect(await mirror.has(head)).toBe(true);
      const update = { ref: 'refs/tags/p/v1', old: null, new: head };
      expect(await mirror.push(access, [update], { atomic: true })).toEqual({ type: 'accepted' });
      expect(await plainGit(server.directory('repo'), ['rev-parse', 'refs/tags/p/v1'])).toBe(head);
      expect(readdirSync(join(directory, 'ssh'))).toEqual([]);
    });

    test('takes a key whose last line break was lost on the way into the secret', async () => {
      const mirror = await mirrors.open(url);
      const cut = { ...credentials, privateKey: credentials.privateKey.trim().replaceAll('\n', '\r\n') };
      expect((await mirror.lsRemote({ url, credentials: cut })).refs.size).toBeGreaterThan(0);
    });

    test('is not believed when its key is not known, or another one', async () => {
      const unknown = await failure({ url, credentials: { ...credentials, knownHosts: 'example.com ssh-rsa AAAA\n' } });
      expect(unknown).toMatchObject({ errorClass: 'HostKey' });
      expect(unknown.message).toMatch(/: known_hosts of the secret has no ED25519 key for \[127\.0\.0\.1\]:\d+$/);
      const changed = await failure({ url, credentials: { ...credentials, knownHosts: server.wrongKnownHosts } });
      expect(changed).toMatchObject({ errorClass: 'HostKey' });
      expect(changed.message).toMatch(/: the SSH server shows another key \(ED25519 SHA256:\S+\) than known_hosts has/);
      const none = await failure({ url, credentials: { ...credentials, knownHosts: ' \n' } });
      expect(none).toMatchObject({ errorClass: 'HostKey', message: 'the secret has no known_hosts' });
    });

    test('refuses a key that it does not know; such that need a passphrase, or are none, are not tried', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'porch-keys-'));
      const key = (name: string, passphrase?: string) => readFileSync(makeSshKey(folder, name, passphrase), 'utf8');
      const refused = await failure({ url, credentials: { ...credentials, privateKey: key('stranger') } });
      expect(refused).toMatchObject({ errorClass: 'Authentication' });
      expect(refused.message).toContain('Permission denied (publickey)');
      const locked = await failure({ url, credentials: { ...credentials, privateKey: key('locked', 'secret') } });
      expect(locked).toMatchObject({ errorClass: 'Authentication', message: expect.stringContaining('passphrase') });
      const wrong = await failure({ url, credentials: { ...credentials, privateKey: key('x').slice(50) } });
      expect(wrong.message).toContain('is not a private key');
      rmSync(folder, { recursive: true });
    });

    test('needs a key, and gets nothing else', async () => {
      const without = await failure({ url });
      expect(without).toMatchObject({ errorClass: 'Authentication', message: expect.stringContaining('ssh-auth') });
      const password = await failure({ url, credentials: { type: 'basic', username: 'a', password: 'b' } });
      expect(password).toMatchObject({ errorClass: 'Authentication', message: expect.stringContaining('ssh-auth') });
      const http = { url: 'http://127.0.0.1:1/x.git', credentials };
      expect((await failure(http)).message).toContain('is reached over HTTP');
    });

    test('says what is missing', async () => {
      const access = { url: server.url('nothing'), credentials };
      expect(await failure(access)).toMatchObject({ errorClass: 'NotFound' });
      const closed = { url: `ssh://${server.user}@127.0.0.1:1/x`, credentials };
      expect(await failure(closed)).toMatchObject({ errorClass: 'Unreachable' });
    });

    test('says so when there is no ssh', async () => {
      const path = process.env.PATH ?? '';
      const git = path.split(delimiter).find((folder) => existsSync(join(folder, 'git'))) ?? '';
      const only = join(directory, 'only-git');
      mkdirSync(only);
      symlinkSync(join(git, 'git'), join(only, 'git'));
      let bare: GitProcesses | undefined;
      try {
        process.env.PATH = only;
        bare = await startBroker({ directory: join(directory, 'second'), logger });
      } finally {
        process.env.PATH = path;
      }
      const others = createMirrors({
        directory: join(directory, 'second'),
        processes: bare,
        logger,
        remotes: { allowLocal: false },
      });
      const error = await others
        .open(url)
        .then((mirror) => mirror.lsRemote({ url, credentials }))
        .catch((it) => it);
      expect(error.message).toContain('install the OpenSSH client');
      await others.close();
      await bare.close();
    });

    test('what a killed server left of keys is removed before the next one starts', async () => {
      const data = join(directory, 'third');
      mkdirSync(join(data, 'ssh', 'ssh-left'), { recursive: true });
      writeFileSync(join(data, 'ssh', 'ssh-left', 'key'), server.privateKey);
      const later = await startBroker({ directory: data, logger });
      expect(readdirSync(data)).not.toContain('ssh');
      await later.close();
    });
  },
);

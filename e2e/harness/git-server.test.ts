import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually, eventuallyHolds } from './eventually.ts';
import { findFixtureRepository } from './fixtures.ts';
import { plainGit, plainGitEnvironment } from './git-command.ts';
import { type GitServer, type GitServerOptions, type GitServerRequest, startGitServer } from './git-server.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function server(options?: GitServerOptions): Promise<GitServer> {
  const started = await startGitServer(options);
  cleanups.push(() => started.close());
  return started;
}

async function workTree(files: Record<string, string | Buffer>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'porch-work-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  await plainGit(directory, ['init', '-q', '-b', 'main', '.']);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  await plainGit(directory, ['add', '.']);
  await plainGit(directory, ['commit', '-q', '-m', 'First']);
  return directory;
}

describe('the Git server', () => {
  it('takes pushes larger than one chunk and gives back what was pushed', async () => {
    const git = await server();
    const url = await git.createRepository('a');
    const work = await workTree({ 'big.bin': randomBytes(3_000_000), 'small.txt': 'hello\n' });
    await plainGit(work, ['push', '-q', '--atomic', url, 'main', 'main:refs/tags/x/v1']);
    const head = await plainGit(work, ['rev-parse', 'main']);
    expect(await plainGit(git.directory('a'), ['rev-parse', 'refs/tags/x/v1'])).toBe(head);
    const clone = join(work, 'clone');
    await plainGit(work, ['clone', '-q', url, clone]);
    expect(await plainGit(clone, ['rev-parse', 'HEAD'])).toBe(head);
    await plainGit(clone, ['fsck', '--strict']);
  });

  it('understands compressed request bodies, which git sends when it has many objects to offer', async () => {
    const seen: GitServerRequest[] = [];
    const git = await server({ onRequest: (request) => void seen.push(request) });
    const url = await git.createRepository('a');
    const work = await workTree({ 'a.txt': 'a\n' });
    for (let i = 0; i < 40; i++) await plainGit(work, ['commit', '-q', '--allow-empty', '-m', `${i}`]);
    await plainGit(work, ['push', '-q', url, 'main']);
    const other = await workTree({ 'b.txt': 'b\n' });
    for (let i = 0; i < 40; i++) await plainGit(other, ['commit', '-q', '--allow-empty', '-m', `other ${i}`]);
    await plainGit(other, ['fetch', '-q', url, 'main']);
    expect(await plainGit(other, ['rev-parse', 'FETCH_HEAD'])).toBe(await plainGit(work, ['rev-parse', 'main']));
    expect(seen.some((request) => request.service === 'git-receive-pack' && request.repository === 'a')).toBe(true);
    expect(seen.some((request) => request.headers['content-encoding'] === 'gzip')).toBe(true);
  });

  it('asks for a user and lets in only those it knows', async () => {
    const git = await server({ users: { alice: 'pass:word' } });
    const url = await git.createRepository('a');
    const work = await workTree({ 'a.txt': 'a\n' });
    await expect(plainGit(work, ['push', '-q', url, 'main'])).rejects.toThrow(/could not read Username/);
    const withUser = (user: string, password: string) =>
      url.replace('://', `://${user}:${encodeURIComponent(password)}@`);
    await expect(plainGit(work, ['push', '-q', withUser('alice', 'wrong'), 'main'])).rejects.toThrow(
      /Authentication failed/,
    );
    await expect(plainGit(work, ['push', '-q', withUser('constructor', ''), 'main'])).rejects.toThrow(
      /Authentication failed/,
    );
    await plainGit(work, ['push', '-q', withUser('alice', 'pass:word'), 'main']);
    expect((await fetch(`${url}/info/refs`)).headers.get('www-authenticate')).toBe('Basic realm="git"');
  });

  it('answers 404 for a repository it does not have, and lets tests answer themselves', async () => {
    let failing = true;
    const git = await server({ onRequest: () => (failing ? { status: 503, body: 'later' } : undefined) });
    await git.createRepository('a');
    await expect(plainGit(git.root, ['ls-remote', git.url('a')])).rejects.toThrow(/503/);
    failing = false;
    await expect(plainGit(git.root, ['ls-remote', git.url('b')])).rejects.toThrow(/not found/);
    expect(await plainGit(git.root, ['ls-remote', git.url('a')])).toBe('');
  });

  it('comes back on the same port with the same repositories, and removes only a folder of its own', async () => {
    const root = await mkdtemp(join(tmpdir(), 'porch-root-'));
    cleanups.push(() => rm(root, { recursive: true, force: true }));
    const first = await startGitServer({ root });
    const url = await first.createRepository('a');
    await first.close();
    await expect(plainGit(root, ['ls-remote', url])).rejects.toThrow(/Failed to connect|Connection refused/);
    const second = await server({ root, port: first.port });
    expect(second.url('a')).toBe(url);
    expect(await plainGit(root, ['ls-remote', url])).toBe('');

    const own = await startGitServer();
    await own.createRepository('a');
    await own.close();
    expect(existsSync(own.root)).toBe(false);
  });

  it('cuts off clients that still wait when it is closed', async () => {
    const asked = Promise.withResolvers<void>();
    const git = await startGitServer({
      onRequest: () => {
        asked.resolve();
        return new Promise<void>(() => {});
      },
    });
    await git.createRepository('a');
    const waiting = expect(plainGit(tmpdir(), ['ls-remote', git.url('a')])).rejects.toThrow(/failed/);
    await asked.promise;
    await git.close();
    await waiting;
  });

  it('carries out a push that has arrived although its client is killed, and leaves no lock', async () => {
    const git = await server();
    const url = await git.createRepository('a');
    const directory = git.directory('a');
    const held = join(directory, 'held');
    const hook = join(directory, 'hooks', 'reference-transaction');
    await mkdir(join(directory, 'hooks'), { recursive: true });
    await writeFile(held, '');
    await writeFile(
      hook,
      `#!/bin/sh\n[ "$1" = prepared ] || exit 0\n: > '${held}.taken'\nwhile [ -e '${held}' ]; do sleep 0.05; done\n`,
    );
    await chmod(hook, 0o755);
    const work = await workTree({ 'a.txt': 'a\n' });
    const push = spawn('git', ['push', '-q', '--atomic', url, 'main', 'main:refs/tags/x/v1'], {
      cwd: work,
      env: plainGitEnvironment(),
      stdio: 'ignore',
      detached: true,
    });
    const gone = once(push, 'close');
    await eventually('the push', async () => existsSync(`${held}.taken`));
    // With its helper, which has the connection.
    process.kill(-Number(push.pid), 'SIGKILL');
    await gone;
    await rm(held);
    const head = await plainGit(work, ['rev-parse', 'main']);
    await eventuallyHolds(async () => {
      expect(await plainGit(directory, ['rev-parse', 'refs/heads/main', 'refs/tags/x/v1'])).toBe(`${head}\n${head}`);
      expect((await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.lock'))).toEqual([]);
    });
  });

  describe.skipIf(!existsSync('/proc/self/environ'))('a push that does not arrive in full', () => {
    /** Processes of a server that are not over. */
    async function processesOf({ root }: GitServer): Promise<string[]> {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      // A process may end while it is looked at, and those of other users cannot be looked at.
      const environments = await Promise.all(
        pids.map((pid) => readFile(join('/proc', pid, 'environ'), 'latin1').catch(() => '')),
      );
      return pids.filter((_, index) => environments[index]?.includes(`GIT_PROJECT_ROOT=${root}\0`));
    }

    it('leaves nothing running where the server cuts it', async () => {
      const git = await server({ onRequest: ({ method }) => (method === 'POST' ? { fault: 'cut' } : undefined) });
      const url = await git.createRepository('a');
      const work = await workTree({ 'a.txt': 'a\n' });
      await expect(plainGit(work, ['push', '-q', url, 'main'])).rejects.toThrow('failed');
      await eventuallyHolds(async () => expect(await processesOf(git)).toEqual([]));
    });

    it('leaves nothing running where its client goes', async () => {
      const git = await server();
      await git.createRepository('a');
      const client = connect(git.port, '127.0.0.1');
      const head = 'POST /a.git/git-receive-pack HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n';
      client.write(`${head}Content-Type: application/x-git-receive-pack-request\r\n\r\n00`);
      await eventuallyHolds(async () => expect(await processesOf(git)).not.toEqual([]));
      client.destroy();
      await eventuallyHolds(async () => expect(await processesOf(git)).toEqual([]));
    });
  });

  const bundle = findFixtureRepository('test-blueprints');
  it.skipIf(bundle === undefined)('serves an imported bundle', async () => {
    const git = await server();
    const url = await git.importRepository('blueprints', bundle ?? '');
    const tags = (await plainGit(git.root, ['ls-remote', '--tags', url])).split('\n');
    expect(tags).toHaveLength(10);
  });

  const archive = findFixtureRepository('drafts-repository');
  it.skipIf(archive === undefined)('serves an imported archive of a work tree', async () => {
    const git = await server();
    const url = await git.importRepository('drafts', archive ?? '');
    const heads = (await plainGit(git.root, ['ls-remote', '--heads', url]))
      .split('\n')
      .map((line) => line.split('\t')[1]);
    expect(heads).toEqual([
      'refs/heads/drafts/bucket/v1',
      'refs/heads/drafts/none/v1',
      'refs/heads/drafts/pkg-with-history/v1',
      'refs/heads/main',
    ]);
    const work = await workTree({ 'a.txt': 'a\n' });
    await plainGit(work, ['push', '-q', url, 'main:other']);
  });
});

import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../e2e/harness/eventually.ts';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { type GitServer, startGitServer } from '../../../../e2e/harness/git-server.ts';
import type { GitProcesses } from './broker/git-processes.ts';
import { startBroker } from './broker/start-broker.ts';
import { isForbidden, isMissingProcess } from './broker/system-errors.ts';
import { createMirrors } from './mirror.ts';
import { ObjectDatabase } from './object-database.ts';
import { ObjectReader } from './object-reader.ts';
import { rejectionKind } from './push-report.ts';
import type { GitFile, Mirror, Mirrors, NewCommit, RemoteAccess, Signature } from './types.ts';

const logger = pino({ level: 'silent' });
const porch: Signature = { name: 'Porch', email: 'porch@kpt.dev', time: new Date('2026-01-02T03:04:05Z') };

let directory: string;
let processes: GitProcesses;
let mirrors: Mirrors;
let server: GitServer;
let mirror: Mirror;
let access: RemoteAccess;
let remote: string;
let count = 0;
let pushedBytes = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-mirror-'));
  processes = await startBroker({ directory, logger });
  mirrors = createMirrors({ directory, processes, logger, remotes: { allowLocal: true } });
  server = await startGitServer({
    onRequest: ({ method, service, headers }) => {
      if (method === 'POST' && service === 'git-receive-pack') pushedBytes = Number(headers['content-length']);
    },
  });
});

afterAll(async () => {
  await mirrors?.close();
  await processes?.close();
  await server?.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  const name = `r${count++}`;
  access = { url: await server.createRepository(name) };
  remote = server.directory(name);
  mirror = await mirrors.open(access.url);
});

function file(path: string, content: string | Buffer, mode: GitFile['mode'] = '100644'): GitFile {
  return { path, mode, bytes: Buffer.from(content) };
}

function commit(changes: NewCommit['changes'], parents: NewCommit['parents'] = [], message = 'Change'): NewCommit {
  return { parents, changes, message, author: porch, committer: porch };
}

async function write(...commits: NewCommit[]): Promise<string[]> {
  return [...(await mirror.writeCommits(commits))];
}

async function writeOne(one: NewCommit): Promise<string> {
  const [id] = await write(one);
  if (id === undefined) throw new Error('no commit');
  return id;
}

/** A commit on the remote's main branch. */
async function seed(path = 'README.md', content = 'hello\n'): Promise<string> {
  const id = await writeOne(commit([{ path: '', content: { files: [file(path, content)] } }]));
  expect(await mirror.push(access, [{ ref: 'refs/heads/main', old: null, new: id }], { atomic: true })).toEqual({
    type: 'accepted',
  });
  return id;
}

describe('commits', () => {
  test('keep modes, links, bytes and odd names', async () => {
    const files = [
      file('Kptfile', 'kind: Kptfile\n'),
      file('a/b/c/d/e/f/deep', 'deep'),
      file('binary', Buffer.from([0, 1, 2, 10, 13, 255, 254, 0])),
      file('empty', ''),
      file('link', 'a/b', '120000'),
      file('run.sh', '#!/bin/sh\n', '100755'),
      file('with "quotes" and \\', 'q'),
      file('with\nnewline', 'n'),
      file('with\ttab', 't'),
      file('ünïcödé/日本', 'u'),
      file(' leading and trailing ', 's'),
    ];
    const id = await writeOne(commit([{ path: 'some/package', content: { files } }]));
    const entry = await mirror.entryAt(id, 'some/package');
    expect(entry).toMatchObject({ type: 'tree', path: 'some/package' });
    const byPath = (a: GitFile, b: GitFile) => (a.path < b.path ? -1 : 1);
    expect([...(await mirror.files(entry?.id ?? ''))].sort(byPath)).toEqual([...files].sort(byPath));
    expect(await plainGit(mirror.directory, ['fsck', '--strict', id])).toBe('');
  });

  test('carry people, times, messages and parents', async () => {
    const author = { name: 'Zoë <z> Q', email: 'zoe@example.com', time: new Date('2025-05-06T07:08:09Z') };
    const [first, second] = await write(
      { ...commit([], [], 'Subject\n\n\nkpt:{"package":"a"}\n'), author },
      { ...commit([], [{ index: 0 }]), author: { ...author, name: '', email: '' } },
    );
    expect(await mirror.commit(first ?? '')).toMatchObject({
      id: first,
      parents: [],
      author: { ...author, name: 'Zoë z Q' },
      committer: porch,
      message: 'Subject\n\n\nkpt:{"package":"a"}\n',
    });
    expect(await mirror.commit(second ?? '')).toMatchObject({ parents: [first], author: { name: '', email: '' } });
  });

  test('replace a directory, remove one, take one over by tree, and leave the rest', async () => {
    const base = await writeOne(
      commit([
        { path: 'a', content: { files: [file('old', '1'), file('sub/old', '2')] } },
        { path: 'b/c', content: { files: [file('x', 'x')] } },
        { path: 'keep', content: { files: [file('y', 'y')] } },
      ]),
    );
    const tree = (await mirror.entryAt(base, 'b/c'))?.id ?? '';
    const next = await writeOne(
      commit(
        [
          { path: 'a', content: { files: [file('new', '3')] } },
          { path: 'b/c', content: null },
          { path: 'd/e', content: { tree } },
        ],
        [base],
      ),
    );
    const paths = (await mirror.listTree(next, { recursive: true })).map((entry) => entry.path);
    expect(paths).toEqual(['a/new', 'd/e/x', 'keep/y']);
    const emptied = await writeOne(commit([{ path: '', content: null }], [next]));
    expect(await mirror.listTree(emptied)).toEqual([]);
    const whole = await writeOne(commit([{ path: '', content: { tree } }], [emptied]));
    expect((await mirror.listTree(whole)).map((entry) => entry.path)).toEqual(['x']);
  });

  test('merge: the first parent gives the tree', async () => {
    const main = await writeOne(commit([{ path: 'm', content: { files: [file('x', 'm')] } }]));
    const draft = await writeOne(commit([{ path: 'd', content: { files: [file('x', 'd')] } }], [main]));
    const other = await writeOne(commit([{ path: 'o', content: { files: [file('x', 'o')] } }], [main]));
    const merged = await writeOne(commit([{ path: 'n', content: { files: [file('x', 'n')] } }], [other, draft]));
    expect((await mirror.commit(merged)).parents).toEqual([other, draft]);
    expect((await mirror.listTree(merged)).map((entry) => entry.path)).toEqual(['m', 'n', 'o']);
  });

  test('are refused when they cannot be', async () => {
    const withFile = (path: string) => write(commit([{ path: 'p', content: { files: [file(path, '')] } }]));
    for (const path of ['../up', 'a//b', '/abs', '.git/config', 'a/.GIT/x', 'nul\0', '']) {
      await expect(withFile(path)).rejects.toThrow('is not a path that Git can store');
    }
    const missing = 'f'.repeat(40);
    await expect(write(commit([], [missing]))).rejects.toMatchObject({ errorClass: 'NotFound' });
    await expect(write(commit([], [{ index: 0 }]))).rejects.toThrow('impossible parent');
    await expect(write(commit([{ path: 'a', content: { tree: missing } }]))).rejects.toMatchObject({
      name: 'GitError',
    });
  });

  test('leave no references and can be written side by side', async () => {
    const written = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        writeOne(commit([{ path: '', content: { files: [file('n', String(index))] } }])),
      ),
    );
    expect(new Set(written).size).toBe(12);
    expect(await plainGit(mirror.directory, ['for-each-ref'])).toBe('');
    const contents = await Promise.all(written.map(async (id) => await mirror.files(id)));
    expect(contents.map(([only]) => only?.bytes.toString())).toEqual(written.map((_, index) => String(index)));
  });
});

describe('reads', () => {
  test('see objects that were written after a miss, and tell missing ones', async () => {
    const base = await writeOne(commit([]));
    const blob = await plainGit(remote, ['hash-object', '--stdin'], { input: 'later' });
    expect(await mirror.has(blob)).toBe(false);
    await plainGit(mirror.directory, ['hash-object', '-w', '--stdin'], { input: 'later' });
    expect(await mirror.has(blob)).toBe(true);
    expect((await mirror.blobs([blob])).map(String)).toEqual(['later']);
    await expect(mirror.commit('a'.repeat(40))).rejects.toMatchObject({ errorClass: 'NotFound' });
    await expect(mirror.commit('HEAD\ncontents x')).rejects.toMatchObject({ errorClass: 'NotFound' });
    await expect(mirror.blobs([base])).rejects.toThrow('is a commit, not a file');
  });

  test('many at once, small and large', async () => {
    const files = Array.from({ length: 300 }, (_, index) =>
      file(`d${index % 7}/f${index}`, Buffer.alloc(index % 10 === 0 ? 200_000 : index, index)),
    );
    const id = await writeOne(commit([{ path: '', content: { files } }]));
    const all = await Promise.all(Array.from({ length: 50 }, () => mirror.files(id)));
    const expected = new Map(files.map((one) => [one.path, one.bytes]));
    for (const read of all) {
      expect(read.length).toBe(files.length);
      expect(read.every((one) => expected.get(one.path)?.equals(one.bytes))).toBe(true);
    }
  });

  test('go on when the reading process dies', async () => {
    const id = await writeOne(commit([{ path: '', content: { files: [file('a', 'x'), file('b', 'y')] } }]));
    const blobs = (await mirror.listTree(id)).map((entry) => entry.id);
    for (let round = 0; round < 3; round++) {
      const pid = readerOf(mirror.directory);
      expect(pid).toBeDefined();
      const reading = Promise.all(Array.from({ length: 100 }, () => mirror.blobs(blobs)));
      process.kill(pid ?? 0, 'SIGKILL');
      for (const contents of await reading) expect(contents.map(String)).toEqual(['x', 'y']);
    }
  });

  test('leave out what Git itself would not check out', async () => {
    const blob = await plainGit(mirror.directory, ['hash-object', '-w', '--stdin'], { input: 'x' });
    const tree = async (...names: [mode: string, name: string, id: string][]): Promise<string> => {
      const place = join(directory, 'tree');
      const entries = names.map(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);
      writeFileSync(place, Buffer.concat(entries.flat()));
      return plainGit(mirror.directory, ['hash-object', '-w', '-t', 'tree', '--literally', place]);
    };
    const inner = await tree(['100644', 'f', blob], ['100644', 'f', blob], ['100644', '.', blob]);
    const names = ['..', '.git', '.GIT', 'git~1', '', 'fine'];
    const all = names.map((name): [string, string, string] => ['40000', name, inner]);
    const files = await mirror.files(await tree(...all, ['100644', '../escaped', blob], ['100644', 'a/b', blob]));
    expect(files.map(({ path }) => path)).toEqual(['fine/f']);
  });

  test('refuse files that are too large, alone or together, before they are read', async () => {
    const sizes = { small: 3, middle: 9, large: 11 };
    const made = Object.entries(sizes).map(([name, size]) => file(name, 'x'.repeat(size)));
    const treeOf = async (...names: string[]): Promise<string> => {
      const content = { files: made.filter(({ path }) => names.includes(path)) };
      return (await mirror.commit(await writeOne(commit([{ path: '', content }])))).tree;
    };
    const reader = new ObjectReader({ processes, directory: mirror.directory, maxObjectBytes: 1 << 20 });
    const limits = { maxEntries: 10, maxFileBytes: 10, maxTotalBytes: 11 };
    const objects = new ObjectDatabase(reader, new LRUCache({ max: 10 }), 'test', limits);
    try {
      expect(await objects.files(await treeOf('middle'))).toHaveLength(1);
      const tooLarge = (message: string) => ({ errorClass: 'TooLarge', message: expect.stringContaining(message) });
      const one = objects.files(await treeOf('small', 'large'));
      await expect(one).rejects.toMatchObject(tooLarge('file large has 11 bytes, more than 10'));
      const both = objects.files(await treeOf('small', 'middle'));
      await expect(both).rejects.toMatchObject(tooLarge('larger than 11 bytes together'));
    } finally {
      await reader.close();
    }
  });

  test('find entries and say when there is none', async () => {
    const id = await writeOne(commit([{ path: 'a/b', content: { files: [file('c', 'x', '100755')] } }]));
    expect(await mirror.entryAt(id, 'a/b/c')).toMatchObject({ path: 'a/b/c', mode: '100755', type: 'blob' });
    expect(await mirror.entryAt(id, '')).toMatchObject({ path: '', mode: '040000', type: 'tree' });
    expect(await mirror.entryAt(id, 'a/x')).toBeUndefined();
    expect(await mirror.entryAt(id, 'a/b/c/d')).toBeUndefined();
  });

  test('know commits by their ids, shortened ones too, and nothing else by them', async () => {
    const id = await writeOne(commit([{ path: 'a', content: { files: [file('b', 'x')] } }]));
    for (const text of [id, id.slice(0, 7), id.toUpperCase()]) expect(await mirror.commitNamed(text)).toBe(id);
    const tree = (await mirror.commit(id)).tree;
    for (const text of [tree, id.slice(0, 6), 'f'.repeat(40), 'HEAD', '--all', `${id}~1`, '']) {
      expect(await mirror.commitNamed(text)).toBeUndefined();
    }
  });

  test('walk the history from some commits without others', async () => {
    const at = (second: number) => ({ ...porch, time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) });
    const [a, b, c, d] = await write(
      { ...commit([], [], 'a'), committer: at(1) },
      { ...commit([], [{ index: 0 }], 'b'), committer: at(2) },
      { ...commit([], [{ index: 0 }], 'c'), committer: at(3) },
      { ...commit([], [{ index: 1 }, { index: 2 }], 'd'), committer: at(4) },
    );
    const messages = async (from: (string | undefined)[], except: (string | undefined)[]) =>
      (await mirror.history(from.map(String), except.map(String))).map((one) => one.message);
    expect(await messages([d], [])).toEqual(['d', 'c', 'b', 'a']);
    expect(await messages([d], [b])).toEqual(['d', 'c']);
    expect(await messages([b, c], [a])).toEqual(['c', 'b']);
    expect(await messages([d], ['e'.repeat(40)])).toHaveLength(4);
    await expect(messages(['e'.repeat(40)], [])).rejects.toMatchObject({ errorClass: 'NotFound' });
  });
});

describe('remotes', () => {
  test('an empty one has no references and can be fetched and pushed to', async () => {
    expect((await mirror.lsRemote(access)).refs.size).toBe(0);
    await mirror.fetch(access);
    const id = await seed();
    expect((await mirror.lsRemote(access)).refs).toEqual(new Map([['refs/heads/main', id]]));
  });

  test('one with SHA-256 object ids is not supported, and says so', async () => {
    const other = join(directory, 'sha256.git');
    await plainGit(directory, ['init', '--quiet', '--bare', '--object-format=sha256', '--initial-branch=main', other]);
    const tree = await plainGit(other, ['mktree'], { input: '' });
    await plainGit(other, ['update-ref', 'refs/heads/main', await plainGit(other, ['commit-tree', tree, '-m', 'x'])]);
    const opened = await mirrors.open(other);
    await expect(opened.lsRemote({ url: other })).rejects.toThrow('SHA-256 object ids, which are not supported');
  });

  test('annotated tags are peeled', async () => {
    const id = await seed();
    await plainGit(remote, ['tag', '-a', '-m', 'one', 'pkg/v1', id]);
    await plainGit(remote, ['tag', 'pkg/v2', id]);
    const { refs, peeled } = await mirror.lsRemote(access);
    expect(peeled).toEqual(new Map([['refs/tags/pkg/v1', id]]));
    expect(refs.get('refs/tags/pkg/v2')).toBe(id);
    const tag = refs.get('refs/tags/pkg/v1') ?? '';
    expect(tag).not.toBe(id);
    await mirror.fetch(access);
    expect((await mirror.commit(tag)).id).toBe(id);
    expect(await mirror.entryAt(tag, 'README.md')).toMatchObject({ type: 'blob' });
  });

  test('fetch brings what others pushed, and forgets what they deleted', async () => {
    const id = await seed();
    const tree = (await mirror.commit(id)).tree;
    const theirs = await plainGit(remote, ['commit-tree', tree, '-p', id, '-m', 'theirs']);
    await plainGit(remote, ['update-ref', 'refs/heads/drafts/a', theirs]);
    expect(await mirror.has(theirs)).toBe(false);
    await mirror.fetch(access);
    expect((await mirror.commit(theirs)).message).toBe('theirs\n');
    await plainGit(remote, ['update-ref', '-d', 'refs/heads/drafts/a']);
    await plainGit(remote, ['update-ref', 'refs/heads/drafts/a/b', theirs]);
    await mirror.fetch(access);
    const names = await plainGit(mirror.directory, ['for-each-ref', '--format=%(refname)']);
    expect(names.split('\n')).toEqual(['refs/mirror/heads/drafts/a/b', 'refs/mirror/heads/main']);
  });

  test('a fetch of very many references leaves them packed', async () => {
    const id = await seed();
    await mirror.fetch(access);
    const commands = Array.from({ length: 400 }, (_, index) => `create refs/tags/p${index}/v1 ${id}\n`);
    await plainGit(remote, ['update-ref', '--stdin'], { input: commands.join('') });
    await mirror.fetch(access);
    expect(readdirSync(join(mirror.directory, 'refs', 'mirror'), { recursive: true }).length).toBeLessThan(10);
    expect((await plainGit(mirror.directory, ['for-each-ref'])).split('\n')).toHaveLength(401);
    await eventually('a graph of the new commits', () =>
      stat(join(mirror.directory, 'objects', 'info', 'commit-graph')),
    );
    await plainGit(mirror.directory, ['commit-graph', 'verify']);
  });

  test('locks that an ended git left keep nobody from fetching', async () => {
    const id = await seed();
    await mirror.fetch(access);
    const next = await plainGit(remote, ['commit-tree', `${id}^{tree}`, '-p', id, '-m', 'next']);
    await plainGit(remote, ['update-ref', 'refs/heads/main', next]);
    mkdirSync(join(mirror.directory, 'refs/mirror/heads'), { recursive: true });
    writeFileSync(join(mirror.directory, 'refs/mirror/heads/main.lock'), '');
    writeFileSync(join(mirror.directory, 'packed-refs.lock'), '');
    await mirror.fetch(access);
    expect(await plainGit(mirror.directory, ['rev-parse', 'refs/mirror/heads/main'])).toBe(next);
  });

  test('the first fetch brings branches and tags in one file, and nothing else', async () => {
    const id = await seed();
    await plainGit(remote, ['tag', '-a', '-m', 'one', 'pkg/v1', id]);
    await plainGit(remote, ['update-ref', 'refs/pull/1/head', id]);
    mkdirSync(join(mirror.directory, 'first-fetch'));
    writeFileSync(join(mirror.directory, 'first-fetch', 'left'), 'by an attempt that was cut off');
    await mirror.fetch(access);
    const names = await plainGit(mirror.directory, ['for-each-ref', '--format=%(refname) %(*objectname)']);
    expect(names.split('\n')).toEqual(['refs/mirror/heads/main ', `refs/mirror/tags/pkg/v1 ${id}`]);
    expect(await mirror.has(id)).toBe(true);
    expect(readdirSync(mirror.directory)).not.toContain('first-fetch');
    await plainGit(mirror.directory, ['fsck', '--strict']);
    const next = await plainGit(remote, ['commit-tree', `${id}^{tree}`, '-p', id, '-m', 'next']);
    await plainGit(remote, ['update-ref', 'refs/heads/main', next]);
    await mirror.fetch(access);
    expect(await plainGit(mirror.directory, ['rev-parse', 'refs/mirror/heads/main'])).toBe(next);
  });

  test('push creates, moves and deletes with leases', async () => {
    const first = await seed();
    const second = await writeOne(commit([], [first]));
    const push = (ref: string, old: string | null, id: string | null) =>
      mirror.push(access, [{ ref, old, new: id }], { atomic: true });
    expect(await push('refs/heads/main', first, second)).toEqual({ type: 'accepted' });
    const stale = await push('refs/heads/main', first, await writeOne(commit([], [second])));
    expect(stale).toEqual({ type: 'rejected', refs: new Map([['refs/heads/main', 'stale info']]) });
    expect(await push('refs/heads/main', null, first)).toMatchObject({ type: 'rejected' });
    expect(await push('refs/tags/p/v1', null, second)).toEqual({ type: 'accepted' });
    expect(await push('refs/tags/p/v1', first, null)).toMatchObject({ type: 'rejected' });
    expect(await push('refs/tags/p/v1', second, null)).toEqual({ type: 'accepted' });
    expect(await plainGit(remote, ['for-each-ref', '--format=%(refname) %(objectname)'])).toBe(
      `refs/heads/main ${second}`,
    );
  });

  test('a push sees none of the references that the mirror has, and sends nothing that the remote has', async () => {
    const base = await seed('large', randomBytes(100_000).toString('base64'));
    await mirror.fetch(access);
    const next = await writeOne(commit([{ path: 'a', content: { files: [file('x', 'x')] } }], [base]));
    await mirror.push(access, [{ ref: 'refs/heads/main', old: base, new: next }], { atomic: true });
    expect(pushedBytes).toBeLessThan(10_000);
    expect(await plainGit(join(mirror.directory, 'push.git'), ['for-each-ref'])).toBe('');
  });

  test('an atomic push is all or nothing; another one is not', async () => {
    const base = await seed();
    const next = await writeOne(commit([], [base]));
    await plainGit(remote, ['update-ref', 'refs/tags/p/v1', base]);
    const updates = [
      { ref: 'refs/heads/main', old: base, new: next },
      { ref: 'refs/tags/p/v1', old: null, new: next },
    ];
    const outcome = await mirror.push(access, updates, { atomic: true });
    expect(outcome).toMatchObject({ type: 'rejected' });
    expect(outcome.type === 'rejected' && outcome.refs.get('refs/tags/p/v1')).toBe('stale info');
    expect((await mirror.lsRemote(access)).refs.get('refs/heads/main')).toBe(base);
    const kinds =
      outcome.type === 'rejected' ? [...outcome.refs].map(([ref, reason]) => [ref, rejectionKind(reason)]) : [];
    expect(new Map(kinds as [string, string][]).get('refs/heads/main')).toBe('others');
    const partly = await mirror.push(access, updates, { atomic: false });
    expect(partly.type === 'rejected' && [...partly.refs.keys()]).toEqual(['refs/tags/p/v1']);
    expect((await mirror.lsRemote(access)).refs.get('refs/heads/main')).toBe(next);
  });

  test('a lease that the remote itself finds broken is a move, not a refusal', async () => {
    const base = await seed();
    const next = await writeOne(commit([], [base]));
    // Somebody else is just changing the branch.
    writeFileSync(join(remote, 'refs', 'heads', 'main.lock'), '');
    const update = { ref: 'refs/heads/main', old: base, new: next };
    const outcome = await mirror.push(access, [update], { atomic: true });
    const reason = outcome.type === 'rejected' ? outcome.refs.get('refs/heads/main') : undefined;
    expect(rejectionKind(reason ?? '')).toBe('moved');
  });

  test("a hook's refusal comes with its words", async () => {
    const base = await seed();
    const hooks = join(remote, 'hooks');
    await plainGit(remote, ['config', 'core.hooksPath', hooks]);
    mkdirSync(hooks, { recursive: true });
    writeFileSync(join(hooks, 'pre-receive'), '#!/bin/sh\necho "ask the release team" >&2\nexit 1\n', { mode: 0o755 });
    const next = await writeOne(commit([], [base]));
    const outcome = await mirror.push(access, [{ ref: 'refs/heads/main', old: base, new: next }], { atomic: true });
    expect(outcome).toEqual({
      type: 'rejected',
      refs: new Map([['refs/heads/main', 'pre-receive hook declined: ask the release team']]),
    });
  });

  test('names that are no references are refused before anything is sent', async () => {
    const id = await seed();
    for (const ref of [
      'main',
      '--mirror',
      'refs/heads/a..b',
      'refs/heads/a:b',
      'refs/heads/x.lock',
      'refs/heads/a b',
    ]) {
      await expect(mirror.push(access, [{ ref, old: null, new: id }], { atomic: true })).rejects.toThrow(
        'is not a reference name',
      );
    }
  });

  test('a local repository works the same way, by path and by file URL', async () => {
    const id = await seed();
    const local = await mirrors.open(remote);
    expect(await mirrors.open(`file://${remote}/`)).toBe(local);
    await local.fetch({ url: remote });
    const [next] = await local.writeCommits([commit([], [id])]);
    expect(
      await local.push({ url: remote }, [{ ref: 'refs/heads/main', old: id, new: next ?? '' }], { atomic: true }),
    ).toEqual({ type: 'accepted' });
  });

  test('opening one twice gives the same mirror, and an access for another is refused', async () => {
    expect(await mirrors.open(`${access.url}/`)).toBe(mirror);
    await expect(mirror.fetch({ url: 'http://127.0.0.1:1/other.git' })).rejects.toThrow('another repository');
  });
});

/** The process that reads the objects of a repository. */
function readerOf(repository: string): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0');
      try {
        return read('cmdline').includes('cat-file') && read('environ').includes(`GIT_DIR=${repository}`);
      } catch (error) {
        if (isMissingProcess(error) || isForbidden(error)) return false;
        throw error;
      }
    });
}

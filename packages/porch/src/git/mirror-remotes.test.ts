import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../e2e/harness/eventually.ts';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { commit, file, type MirrorTrial, startMirrorTrial, type TrialRemote } from './mirror.test-support.ts';
import { rejectionKind } from './push-report.ts';
import type { Mirror, RemoteAccess } from './types.ts';

let trial: MirrorTrial;
let mirror: Mirror;
let access: RemoteAccess;
let remote: string;
let writeOne: TrialRemote['writeOne'];
let seed: TrialRemote['seed'];

beforeAll(async () => {
  trial = await startMirrorTrial();
});

afterAll(() => trial?.close());

beforeEach(async () => {
  ({ mirror, access, remote, writeOne, seed } = await trial.addRemote());
});

describe('remotes', () => {
  test('an empty one has no references and can be fetched and pushed to', async () => {
    expect((await mirror.lsRemote(access)).refs.size).toBe(0);
    await mirror.fetch(access);
    const id = await seed();
    expect((await mirror.lsRemote(access)).refs).toEqual(new Map([['refs/heads/main', id]]));
  });

  test('one with SHA-256 object ids is not supported, and says so', async () => {
    const other = join(trial.directory, 'sha256.git');
    await plainGit(trial.directory, [
      'init',
      '--quiet',
      '--bare',
      '--object-format=sha256',
      '--initial-branch=main',
      other,
    ]);
    const tree = await plainGit(other, ['mktree'], { input: '' });
    await plainGit(other, ['update-ref', 'refs/heads/main', await plainGit(other, ['commit-tree', tree, '-m', 'x'])]);
    const opened = await trial.mirrors.open(other);
    await expect(opened.lsRemote({ url: other })).rejects.toThrow('SHA-256 object ids, which are not supported');
  });

  test('one that lacks a part of its history is not supported, and says so', async () => {
    writeFileSync(join(remote, 'shallow'), `${await seed()}\n`);
    await expect(mirror.fetch(access)).rejects.toMatchObject({
      message: expect.stringContaining('source repository is shallow'),
      advice: expect.stringContaining('git fetch --unshallow'),
    });
    rmSync(join(remote, 'shallow'));
    await mirror.fetch(access);
  });

  test('the default branch is what HEAD names, and none where it names a commit or nothing', async () => {
    expect(await mirror.defaultBranch(access)).toBeUndefined();
    const id = await seed();
    expect(await mirror.defaultBranch(access)).toBe('main');
    await plainGit(remote, ['update-ref', 'refs/heads/team/x', id]);
    await plainGit(remote, ['symbolic-ref', 'HEAD', 'refs/heads/team/x']);
    expect(await mirror.defaultBranch(access)).toBe('team/x');
    await plainGit(remote, ['update-ref', '--no-deref', 'HEAD', id]);
    expect(await mirror.defaultBranch(access)).toBeUndefined();
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

  test('marks and halves of packs that an ended git left are gone after a fetch that fails', async () => {
    await seed();
    await mirror.fetch(access);
    const packs = join(mirror.directory, 'objects', 'pack');
    const before = readdirSync(packs);
    writeFileSync(join(packs, 'pack-1.keep'), 'fetch-pack 4492 on host\n');
    writeFileSync(join(packs, 'pack-2.keep'), 'fast-import');
    for (const name of ['tmp_pack_old', '.tmp-1-pack-old.pack', '.tmp-2-pack-new.pack']) {
      writeFileSync(join(packs, name), '');
      if (name.includes('old')) utimesSync(join(packs, name), 0, 0);
    }
    rmSync(remote, { recursive: true });
    await expect(mirror.fetch(access)).rejects.toMatchObject({ errorClass: 'NotFound' });
    expect(readdirSync(packs).sort()).toEqual([...before, '.tmp-2-pack-new.pack', 'pack-2.keep'].sort());
  });

  test('one that is only files on a web server can be read', async () => {
    const id = await seed();
    await plainGit(remote, ['update-server-info']);
    const server = createServer((request, response) => {
      createReadStream(join(remote, new URL(request.url ?? '', 'http://host').pathname))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    }).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const files = await trial.mirrors.open(url);
      await files.fetch({ url });
      expect((await files.commit(id)).id).toBe(id);
      await plainGit(files.directory, ['fsck', '--strict']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
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
    expect(trial.pushedBytes).toBeLessThan(10_000);
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

  test("a hook's words hide what they repeat of the credentials", async () => {
    const base = await seed();
    const hooks = join(remote, 'hooks');
    await plainGit(remote, ['config', 'core.hooksPath', hooks]);
    mkdirSync(hooks, { recursive: true });
    const password = 'correct horse battery staple';
    writeFileSync(join(hooks, 'pre-receive'), `#!/bin/sh\necho "not with ${password}" >&2\nexit 1\n`, { mode: 0o755 });
    const next = await writeOne(commit([], [base]));
    const credentials = { type: 'basic', username: 'alice', password } as const;
    const update = { ref: 'refs/heads/main', old: base, new: next };
    const outcome = await mirror.push({ ...access, credentials }, [update], { atomic: true });
    expect(outcome).toMatchObject({
      type: 'rejected',
      refs: new Map([['refs/heads/main', 'pre-receive hook declined: not with ***']]),
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
    const local = await trial.mirrors.open(remote);
    expect(await trial.mirrors.open(`file://${remote}/`)).toBe(local);
    await local.fetch({ url: remote });
    const [next] = await local.writeCommits([commit([], [id])]);
    expect(
      await local.push({ url: remote }, [{ ref: 'refs/heads/main', old: id, new: next ?? '' }], { atomic: true }),
    ).toEqual({ type: 'accepted' });
  });
});

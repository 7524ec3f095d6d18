import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { type MirrorTrial, startMirrorTrial, type TrialRemote } from './mirror.test-support.ts';
import type { Mirror, RemoteAccess } from './types.ts';

let trial: MirrorTrial;
let mirror: Mirror;
let access: RemoteAccess;
let remote: string;
let seed: TrialRemote['seed'];

beforeAll(async () => {
  trial = await startMirrorTrial();
});

afterAll(() => trial?.close());

beforeEach(async () => {
  ({ mirror, access, remote, seed } = await trial.addRemote());
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

describe('the first fetch of references that are known', () => {
  const fetchListed = async () => mirror.fetch(access, { listed: await mirror.lsRemote(access) });
  const mirrored = async () => (await plainGit(mirror.directory, ['for-each-ref', '--format=%(refname)'])).split('\n');
  const offBranch = async (id: string, message: string) =>
    plainGit(remote, ['commit-tree', `${id}^{tree}`, '-p', id, '-m', message]);

  test('brings tags of all kinds, and leaves them in one file where branches have their commits', async () => {
    const id = await seed();
    const off = await offBranch(id, 'on no branch');
    const blob = await plainGit(remote, ['rev-parse', `${id}:README.md`]);
    await plainGit(remote, ['tag', '-a', '-m', 'one', 'annotated/v1', id]);
    const names = ['b/v1', 'a/v2', 'a/v10', '\u{1f600}/v1', '\uffef/v1'];
    for (const name of names) await plainGit(remote, ['tag', name, id]);
    await plainGit(remote, ['tag', 'off/v1', off]);
    await plainGit(remote, ['tag', 'file', blob]);
    await fetchListed();
    const tags = ['a/v10', 'a/v2', 'annotated/v1', 'b/v1', 'file', 'off/v1', '\uffef/v1', '\u{1f600}/v1'];
    expect(await mirrored()).toEqual(['refs/mirror/heads/main', ...tags.map((tag) => `refs/mirror/tags/${tag}`)]);
    expect(await plainGit(mirror.directory, ['rev-parse', 'refs/mirror/tags/off/v1'])).toBe(off);
    expect(readFileSync(join(mirror.directory, 'packed-refs'), 'utf8').trimEnd().split('\n').slice(1)).toEqual(
      ['heads/main', 'tags/a/v10', 'tags/a/v2', 'tags/b/v1', 'tags/file', 'tags/\uffef/v1', 'tags/\u{1f600}/v1'].map(
        (name) => `${name === 'tags/file' ? blob : id} refs/mirror/${name}`,
      ),
    );
    await plainGit(mirror.directory, ['fsck', '--strict']);
  });

  test.each(['annotated', 'on no branch'])(
    'brings tags that are %s in one file, too, where they are many',
    async (kind) => {
      const id = await seed();
      const off = await offBranch(id, kind);
      const tag = `object ${id}\ntype commit\ntag t\ntagger a <a> 0 +0000\n\nx\n`;
      const named = kind === 'annotated' ? await plainGit(remote, ['mktag'], { input: tag }) : off;
      const commands = Array.from({ length: 200 }, (_, index) => `create refs/tags/p${index}/v1 ${named}\n`);
      await plainGit(remote, ['update-ref', '--stdin'], { input: commands.join('') });
      await fetchListed();
      expect(await mirrored()).toHaveLength(201);
      expect(readdirSync(join(mirror.directory, 'refs'))).not.toContain('mirror');
      expect(await mirror.has(named)).toBe(true);
      await plainGit(mirror.directory, ['fsck', '--strict']);
    },
  );

  test('brings what there is when that has changed since, and the next fetch the rest', async () => {
    const id = await seed();
    const off = await offBranch(id, 'gone');
    await plainGit(remote, ['tag', 'gone/v1', id]);
    await plainGit(remote, ['tag', 'gone/v2', off]);
    await plainGit(remote, ['tag', 'moved/v1', id]);
    const listed = await mirror.lsRemote(access);
    const next = await offBranch(id, 'next');
    await plainGit(remote, ['update-ref', 'refs/heads/main', next]);
    for (const tag of ['gone/v1', 'gone/v2']) await plainGit(remote, ['tag', '-d', tag]);
    await plainGit(remote, ['tag', '-f', 'moved/v1', next]);
    await mirror.fetch(access, { listed });
    expect(await plainGit(mirror.directory, ['rev-parse', 'refs/mirror/heads/main'])).toBe(next);
    await mirror.fetch(access);
    expect(await mirrored()).toEqual(['refs/mirror/heads/main', 'refs/mirror/tags/moved/v1']);
    expect(await plainGit(mirror.directory, ['rev-parse', 'refs/mirror/tags/moved/v1'])).toBe(next);
  });

  test('brings tags where there is no branch, and nothing from an empty remote', async () => {
    await fetchListed();
    expect(await mirrored()).toEqual(['']);
    const other = await trial.addRemote();
    const id = await other.seed();
    await plainGit(other.remote, ['tag', 'p/v1', id]);
    await plainGit(other.remote, ['update-ref', '-d', 'refs/heads/main']);
    await other.mirror.fetch(other.access, { listed: await other.mirror.lsRemote(other.access) });
    expect(await other.mirror.has(id)).toBe(true);
    expect(await plainGit(other.mirror.directory, ['rev-parse', 'refs/mirror/tags/p/v1'])).toBe(id);
  });
});

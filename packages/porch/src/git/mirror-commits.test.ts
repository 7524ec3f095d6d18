import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { commit, file, type MirrorTrial, porch, startMirrorTrial, type TrialRemote } from './mirror.test-support.ts';
import type { GitFile, Mirror } from './types.ts';

let trial: MirrorTrial;
let mirror: Mirror;
let write: TrialRemote['write'];
let writeOne: TrialRemote['writeOne'];

beforeAll(async () => {
  trial = await startMirrorTrial();
});

afterAll(() => trial?.close());

beforeEach(async () => {
  ({ mirror, write, writeOne } = await trial.addRemote());
});

describe('commits', () => {
  test('keep modes, links, submodules, bytes and odd names', async () => {
    const files = [
      file('Kptfile', 'kind: Kptfile\n'),
      file('a/b/c/d/e/f/deep', 'deep'),
      file('binary', Buffer.from([0, 1, 2, 10, 13, 255, 254, 0])),
      file('empty', ''),
      file('link', 'a/b', '120000'),
      file('module', '0123456789abcdef0123456789abcdef01234567', '160000'),
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
      author: { email: 'zoe@example.com', time: author.time.getTime() },
      committed: porch.time.getTime(),
      message: 'Subject\n\n\nkpt:{"package":"a"}\n',
    });
    expect(await mirror.commit(second ?? '')).toMatchObject({ parents: [first], author: { email: '' } });
    const people = async (id = '') => plainGit(mirror.directory, ['show', '-s', '--format=%an|%ae|%cn|%ce', id]);
    expect(await people(first)).toBe('Zoë z Q|zoe@example.com|Porch|porch@kpt.dev');
    expect(await people(second)).toBe('||Porch|porch@kpt.dev');
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
    expect(paths.sort()).toEqual(['a/new', 'd/e/x', 'keep/y']);
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
    const nowhere = file('module', 'main\nM 100644 inline other', '160000');
    await expect(write(commit([{ path: 'p', content: { files: [nowhere] } }]))).rejects.toThrow('stands at no commit');
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

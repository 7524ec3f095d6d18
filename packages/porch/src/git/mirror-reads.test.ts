import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Slots } from '@porch/kpt';
import { LRUCache } from 'lru-cache';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { isForbidden, isMissingProcess } from './broker/system-errors.ts';
import { commit, file, type MirrorTrial, porch, startMirrorTrial, type TrialRemote } from './mirror.test-support.ts';
import { ObjectDatabase } from './object-database.ts';
import { ObjectReader } from './object-reader.ts';
import { placedTrees } from './placed-trees.ts';
import type { CommitInfo, Mirror } from './types.ts';

let trial: MirrorTrial;
let mirror: Mirror;
let remote: string;
let write: TrialRemote['write'];
let writeOne: TrialRemote['writeOne'];

beforeAll(async () => {
  trial = await startMirrorTrial();
});

afterAll(() => trial?.close());

beforeEach(async () => {
  ({ mirror, remote, write, writeOne } = await trial.addRemote());
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
    expect((await mirror.blobs([blob, blob], 5)).map(String)).toEqual(['later', 'later']);
    await expect(mirror.blobs([blob], 4)).rejects.toMatchObject({ errorClass: 'TooLarge' });
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

  test('name an object that no process can read, and go on with the others', async () => {
    const store = (text: string) => plainGit(mirror.directory, ['hash-object', '-w', '--stdin'], { input: text });
    const damaged = await store(randomBytes(100_000).toString('base64'));
    const sound = await store('sound');
    const path = join(mirror.directory, 'objects', damaged.slice(0, 2), damaged.slice(2));
    chmodSync(path, 0o644);
    truncateSync(path, 50_000);
    const [first, second] = await Promise.allSettled([mirror.blobs([damaged]), mirror.blobs([sound])]);
    expect(first).toMatchObject({ reason: { errorClass: 'Other', message: expect.stringContaining(damaged) } });
    expect(second).toEqual({ status: 'fulfilled', value: [Buffer.from('sound')] });
  });

  test('leave out what Git itself would not check out', async () => {
    const blob = await plainGit(mirror.directory, ['hash-object', '-w', '--stdin'], { input: 'x' });
    const tree = async (...names: [mode: string, name: string, id: string][]): Promise<string> => {
      const place = join(trial.directory, 'tree');
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
    const reader = new ObjectReader({
      processes: trial.processes,
      directory: mirror.directory,
      maxObjectBytes: 1 << 20,
      maxStructureBytes: 1 << 20,
    });
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

  test('refuse trees that stand for more files than can be read, and ones that are too large by themselves', async () => {
    const { processes } = trial;
    const reader = new ObjectReader({
      processes,
      directory: mirror.directory,
      maxObjectBytes: 1 << 20,
      maxStructureBytes: 512,
    });
    const limits = { maxEntries: 1000, maxFileBytes: 1000, maxTotalBytes: 1000 };
    const objects = new ObjectDatabase(reader, new LRUCache({ max: 10 }), 'test', limits);
    const made = (input: string) => plainGit(mirror.directory, ['mktree', '--missing'], { input });
    const tooLarge = (message: string) => ({ errorClass: 'TooLarge', message: expect.stringContaining(message) });
    const blob = 'b'.repeat(40);
    try {
      let tree = await made(`100644 blob ${blob}\tf\n`);
      for (let level = 0; level < 20; level++) tree = await made(`040000 tree ${tree}\ta\n040000 tree ${tree}\tb\n`);
      await expect(objects.files(tree)).rejects.toMatchObject(tooLarge('the tree has more than 1000 entries'));
      const wide = await made(Array.from({ length: 20 }, (_, index) => `100644 blob ${blob}\tf${index}\n`).join(''));
      await expect(objects.files(wide)).rejects.toMatchObject(tooLarge('is too large'));
      const file = await plainGit(mirror.directory, ['hash-object', '-w', '--stdin'], { input: 'x'.repeat(600) });
      expect(await objects.blobs([file])).toHaveLength(1);
    } finally {
      await reader.close();
    }
  });

  test('read a package of many or large files when it has a place, and others at once', async () => {
    const { processes } = trial;
    const { directory } = mirror;
    const reader = new ObjectReader({ processes, directory, maxObjectBytes: 16 << 20, maxStructureBytes: 1 << 20 });
    const limits = { maxEntries: 10_000, maxFileBytes: 16 << 20, maxTotalBytes: 16 << 20 };
    const places = new Slots(1);
    const objects = new ObjectDatabase(reader, new LRUCache({ max: 10 }), 'test', limits, places);
    const blob = (input: string) => plainGit(directory, ['hash-object', '-w', '--stdin'], { input });
    const tree = async (count: number, id: string) => {
      const lines = Array.from({ length: count }, (_, index) => `100644 blob ${id}\tf${index}\n`);
      return await plainGit(directory, ['mktree'], { input: lines.join('') });
    };
    try {
      const small = await blob('x');
      await places.take();
      const many = objects.files(await tree(5001, small));
      const large = objects.files(await tree(1, await blob('x'.repeat(9 << 20))));
      await expect.poll(() => places.waiting).toBe(2);
      expect(await objects.files(await tree(3, small))).toHaveLength(3);
      places.release();
      expect([(await many).length, (await large).length]).toEqual([5001, 1]);
      expect(places.tryTake()).toBe(true);
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

  test('find the trees at many paths, each with one of its files', async () => {
    const files = [file('a b/Kptfile', 'one'), file('a b/x', 'two'), file('c/d/x', 'three'), file('Kptfile', 'four')];
    const id = await writeOne(commit([{ path: '', content: { files } }]));
    const at = async (path: string) => (await mirror.entryAt(id, path))?.id;
    const missing = 'e'.repeat(40);
    const paths = ['a b', 'c/d', 'a b/x', 'nothing here', ''];
    const places = [...paths.map((path) => ({ treeish: id, path })), { treeish: missing, path: 'a b' }];
    const kptfile = (path: string) => mirror.entryAt(id, path).then((entry) => ({ ...entry, path: 'Kptfile' }));
    expect(await mirror.treesAt(places, 'Kptfile')).toEqual([
      { id: await at('a b'), entry: await kptfile('a b/Kptfile') },
      { id: await at('c/d'), entry: undefined },
      undefined,
      undefined,
      { id: (await mirror.commit(id)).tree, entry: await kptfile('Kptfile') },
      undefined,
    ]);
    expect(await mirror.treesAt([], 'Kptfile')).toEqual([]);
    const lines = { treeish: id, path: 'a\nb' };
    await expect(mirror.treesAt([lines], 'Kptfile')).rejects.toMatchObject({ errorClass: 'NotFound' });
    const small = { processes: trial.processes, directory: mirror.directory, maxTreeBytes: 40 };
    const [large, fits, blob] = await placedTrees(small, places.slice(0, 3), 'Kptfile');
    expect(large).toMatchObject({
      errorClass: 'TooLarge',
      message: expect.stringContaining(String(await at('a b'))),
      advice: expect.stringContaining('spread its files'),
    });
    expect(fits).toMatchObject({ id: await at('c/d') });
    expect(blob).toBeUndefined();
  });

  test('name a tree that is damaged, and find the others', async () => {
    const git = (args: string[], input: string) => plainGit(mirror.directory, args, { input });
    const damaged = await git(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], 'no tree');
    const sound = await git(['mktree'], '');
    const root = await git(['mktree'], `040000 tree ${damaged}\tdamaged\n040000 tree ${sound}\tsound\n`);
    const id = await git(['commit-tree', root, '-m', 'x'], '');
    const places = ['damaged', 'sound'].map((path) => ({ treeish: id, path }));
    expect(await mirror.treesAt(places, 'Kptfile')).toEqual([
      expect.objectContaining({ errorClass: 'Other', message: expect.stringContaining(`${damaged} is damaged`) }),
      { id: sound, entry: undefined },
    ]);
  });

  test('walk the history from some commits without others', async () => {
    const at = (second: number) => ({ ...porch, time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) });
    const [a, b, c, d] = await write(
      { ...commit([], [], 'a'), committer: at(1) },
      { ...commit([], [{ index: 0 }], 'b'), committer: at(2) },
      { ...commit([], [{ index: 0 }], 'c'), committer: at(3) },
      { ...commit([], [{ index: 1 }, { index: 2 }], 'd'), committer: at(4) },
    );
    const messages = async (from: (string | undefined)[], except: (string | undefined)[]) => {
      const found: string[] = [];
      await mirror.history(from.map(String), except.map(String), ({ message }) => found.push(message));
      return found;
    };
    expect(await messages([d], [])).toEqual(['d', 'c', 'b', 'a']);
    expect(await messages([d], [b])).toEqual(['d', 'c']);
    expect(await messages([b, c], [a])).toEqual(['c', 'b']);
    expect(await messages([d], ['e'.repeat(40)])).toHaveLength(4);
    expect(await messages(['e'.repeat(40)], [])).toEqual([]);
    expect(await messages([a, 'e'.repeat(40)], [])).toEqual(['a']);
    expect(await messages([(await mirror.commit(String(a))).tree, b], [a])).toEqual(['b']);
    const encoded = ['-c', 'i18n.commitEncoding=ISO-8859-1', 'commit-tree', (await mirror.commit(String(a))).tree];
    const old = await plainGit(mirror.directory, encoded, { input: Buffer.from('Gr\xfc\xdfe', 'latin1') });
    expect(await messages([old], [])).toEqual(['Grüße']);
    await expect(messages(['--all'], [])).rejects.toMatchObject({ errorClass: 'NotFound' });
  });

  test.each(['UTF-16', 'UTF-7', 'no encoding'])(
    'read the headers of a commit as they stand that claims %s',
    async (encoding) => {
      const [id = ''] = await write(commit([], [], 'parent'));
      const headers = [
        `tree ${(await mirror.commit(id)).tree}`,
        `parent ${id}`,
        'author A <a+AAo-parent@x> 5 +0000',
        'committer C <c@x> 6 +0000',
        `encoding ${encoding}`,
      ];
      const input = `${headers.join('\n')}\n\nkpt:{}\n`;
      const made = await plainGit(mirror.directory, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input });
      const found: CommitInfo[] = [];
      await mirror.history([made], [id], (one) => found.push(one));
      expect(found).toEqual([await mirror.commit(made)].map((one) => ({ ...one, message: one.message.trimEnd() })));
      expect(found[0]).toMatchObject({ parents: [id], author: { email: 'a+AAo-parent@x' }, message: 'kpt:{}' });
    },
  );
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

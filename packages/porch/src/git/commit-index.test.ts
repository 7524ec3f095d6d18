import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainGit } from '../../../../e2e/harness/git-command.ts';
import { approvalCommitMessage, draftCommitMessage } from './annotation.ts';
import type { CommitFacts } from './commit-facts.ts';
import { CommitIndex } from './commit-index.ts';
import { init } from './discovered.test-support.ts';
import { startTestRemotes, type TestRemote, type TestRemotes } from './discovery.test-support.ts';
import { GitError, type Mirror, type ObjectId } from './types.ts';

let remotes: TestRemotes;
let remote: TestRemote;
beforeAll(async () => {
  remotes = await startTestRemotes();
  remote = await remotes.open();
});
afterAll(() => remotes.close());

/** Commits of one second, each on top of those that it is given. */
async function commits(branch: string, history: Readonly<Record<string, readonly string[]>>) {
  const ids: Record<string, ObjectId> = {};
  const idOf = (name: string): ObjectId => ids[name] ?? '';
  for (const [name, parents] of Object.entries(history)) {
    const refs = [`refs/heads/${branch}/${name}`];
    ids[name] = await remote.commit({ message: name, parents: parents.map(idOf), time: 1_700_000_000, refs });
  }
  await remote.references();
  return idOf;
}

describe('the commits of a mirror', () => {
  test('have the ancestors that they have, also where several ways lead to one of them', async () => {
    const id = await commits('ways', {
      root: [],
      one: ['root'],
      two: ['one'],
      side: ['two'],
      merge: ['two', 'side'],
      other: ['root'],
    });
    const index = new CommitIndex();
    await index.extend(remote.mirror, [id('merge'), id('other')]);
    for (const name of ['root', 'one', 'two', 'side', 'merge'])
      expect(index.isAncestor(id(name), id('merge'))).toBe(true);
    expect(index.isAncestor(id('merge'), id('two'))).toBe(false);
    expect(index.isAncestor(id('other'), id('merge'))).toBe(false);
    const isAncestor = index.ancestorsOf(id('merge'));
    expect(['root', 'side', 'other'].map((name) => isAncestor(id(name)))).toEqual([true, true, false]);
  });

  test('are read once, and can be given to another index piece by piece', async () => {
    const id = await commits('pieces', { root: [], one: ['root'], two: ['one'], three: ['two'] });
    const asked: (readonly ObjectId[])[] = [];
    const mirror: Mirror = Object.create(remote.mirror, {
      history: {
        value: (...args: Parameters<Mirror['history']>) => {
          asked.push(args[1]);
          return remote.mirror.history(...args);
        },
      },
    });
    const index = new CommitIndex();
    const taken: ObjectId[] = [];
    for (const name of ['one', 'three', 'two'])
      await index.extend(mirror, [id(name)], (commit) => taken.push(commit.id));
    expect(taken.map((one) => [id('one'), id('root'), id('three'), id('two')].indexOf(one))).toEqual([0, 1, 2, 3]);
    // What is known already is left out by its newest commits.
    expect(asked).toEqual([[], [id('one')]]);

    const facts = index.learned();
    expect(facts.map((commit) => commit.id)).toEqual(['root', 'one', 'two', 'three'].map(id));
    expect(index.learned()).toEqual([]);
    const other = new CommitIndex();
    for (const fact of facts) await other.restore([fact]);
    expect(other.isAncestor(id('root'), id('three'))).toBe(true);
  });

  test('are read once by those who ask for them at the same time', async () => {
    const id = await commits('together', { root: [], one: ['root'], two: ['one'] });
    const index = new CommitIndex();
    const taken: ObjectId[] = [];
    const extend = () => index.extend(remote.mirror, [id('two')], (commit) => taken.push(commit.id));
    await Promise.all([extend(), extend()]);
    expect([index.size, taken.length, index.learned().length]).toEqual([3, 3, 3]);
  });

  test('count only where all before them can be read', async () => {
    const id = await commits('gap', { root: [] });
    const { directory } = remote.mirror;
    const text = await plainGit(directory, ['cat-file', 'commit', id('root')]);
    const input = text.replace('\n', `\nparent ${'1'.repeat(40)}\n`);
    const gap = await plainGit(directory, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input });
    const index = new CommitIndex();
    await expect(index.extend(remote.mirror, [gap])).rejects.toThrow('walk the history of the mirror');
    expect(index.size).toBe(0);
    await index.extend(remote.mirror, [id('root')]);
    expect(index.size).toBe(1);
  });

  test('say what they say of a package from new to old, also those of one second', async () => {
    const time = 1_700_000_000;
    const of = { path: 'a', workspaceName: 'w' };
    const created = await remote.commit({ message: draftCommitMessage({ ...of, task: init }), time });
    const draft = await remote.commit({ message: draftCommitMessage(of), parents: [created], time });
    const approval = await remote.commit({
      message: approvalCommitMessage({ ...of, revision: 1 }),
      parents: [draft],
      time,
      refs: ['refs/heads/said'],
    });
    await remote.references();
    const index = new CommitIndex();
    for (const commit of [created, approval]) await index.extend(remote.mirror, [commit]);
    expect(index.marks('a').map(({ commit }) => commit)).toEqual([approval, draft, created]);
    const restored = new CommitIndex();
    await restored.restore(index.learned());
    expect(restored.marks('a')).toMatchObject([
      { commit: approval, approval: true, task: undefined },
      { commit: draft, approval: false, task: undefined },
      { commit: created, approval: false, task: init },
    ]);
  });

  test('say no more together than may be kept, however often they are read', async () => {
    const of = { path: 'much', workspaceName: 'w' };
    const ids: ObjectId[] = [];
    for (let count = 0; count < 6; count++) {
      const [parent] = ids;
      const parents = parent === undefined ? [] : [parent];
      const refs = ['refs/heads/much'];
      ids.unshift(await remote.commit({ message: draftCommitMessage(of), parents, time: 1_700_000_000 + count, refs }));
    }
    await remote.references();
    const [head = ''] = ids;
    const index = new CommitIndex(700);
    const broken: Mirror = Object.create(remote.mirror, {
      history: {
        value: async (...args: Parameters<Mirror['history']>) => {
          await remote.mirror.history(...args);
          throw new Error('cut off');
        },
      },
    });
    await expect(index.extend(broken, [head])).rejects.toThrow('cut off');
    await index.extend(remote.mirror, [head]);
    const newest = ids.slice(0, 3);
    expect(index.marks('much').map(({ commit }) => commit)).toEqual(newest);
    expect(index.isAncestor(ids.at(-1) ?? '', head)).toBe(true);
    const restored = new CommitIndex(400);
    await restored.restore(index.learned());
    expect(restored.marks('much')).toHaveLength(1);
    expect(restored.size).toBe(6);
  });

  test('have each parent once, and no more parents together than may be kept', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => String(index).repeat(40));
    const merge = 'f'.repeat(40);
    const roots = ids.map((id): CommitFacts => ({ id, parents: [], committed: 0, marks: [] }));
    const wide: CommitFacts = { id: merge, parents: ids, committed: 0, marks: [] };
    const whole = new CommitIndex();
    const bounded = new CommitIndex(200);
    for (const index of [whole, bounded]) await index.restore([...roots, wide]);
    const ancestors = (index: CommitIndex) => ids.map((id) => index.isAncestor(id, merge));
    expect(ancestors(whole)).toEqual(ids.map(() => true));
    expect(ancestors(bounded)).toEqual([true, true, false, false, false, false]);
    expect(bounded.size).toBe(7);
  });

  describe('that were read in another way', () => {
    const idOf = (number: number): ObjectId => number.toString(16).padStart(40, '0');
    /** Commits one behind the other, from the newest to the oldest. */
    const chain = (from: number, to: number): CommitFacts[] =>
      Array.from({ length: from - to + 1 }, (_, index) => ({
        id: idOf(from - index),
        parents: from - index === 1 ? [] : [idOf(from - index - 1)],
        committed: 0,
        marks: [],
      }));
    const mirrorOf = (known: number): Mirror =>
      Object.create(remote.mirror, {
        commit: {
          value: async (id: ObjectId) => {
            const number = Number.parseInt(id, 16);
            if (number > known) throw new GitError('TooLarge', `object ${id} is too large`, 'split it');
            const author = { email: 'ann@example.com', time: 0 };
            const parents = number === 1 ? [] : [idOf(number - 1)];
            return { id, tree: idOf(0), parents, author, committed: 0, message: '' };
          },
        },
      });

    test('are taken over with the ancestors that are missing', async () => {
      const index = new CommitIndex();
      const [newer, older] = [chain(400, 200), chain(180, 1)];
      await index.adopt(mirrorOf(400), [...older, ...newer]);
      expect(index.size).toBe(400);
      expect(index.isAncestor(idOf(1), idOf(400))).toBe(true);
      expect(index.learned()).toHaveLength(400);
      await index.adopt(mirrorOf(400), newer);
      expect(index.size).toBe(400);
    });

    test.each([
      ['are many', 400, [...chain(40, 30), ...chain(20, 1)]],
      ['stand one behind the other', 400, [...chain(400, 200), ...chain(150, 1)]],
      ['cannot be read', 100, [...chain(400, 191), ...chain(189, 1)]],
    ])('are not taken over where ancestors that are missing %s', async (_, known, facts) => {
      const index = new CommitIndex();
      await index.adopt(mirrorOf(known), facts);
      expect(index.size).toBe(0);
      expect(index.learned()).toEqual([]);
    });
  });
});

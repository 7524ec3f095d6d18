import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { revisionsInFixtures } from '../../../../e2e/harness/fixture-revisions.ts';
import { type FixtureRepository, findFixtureRepository } from '../../../../e2e/harness/fixtures.ts';
import { approvalCommitMessage, draftCommitMessage } from './annotation.ts';
import { init } from './discovered.test-support.ts';
import { kptfile, startTestRemotes, type TestRemote, type TestRemotes } from './discovery.test-support.ts';
import { discoverRevisions } from './discovery.ts';
import { DiscoveryMemory } from './discovery-memory.ts';
import { EarlyDiscovery } from './early-discovery.ts';
import type { Mirror, ObjectId, RemoteReferences } from './types.ts';

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

/** A mirror that counts how often its history is walked, and commits are read one by one. */
function counting(mirror: Mirror) {
  const counts = { history: 0, commit: 0 };
  const counted: Mirror = {
    ...mirror,
    history: (...args) => {
      counts.history++;
      return mirror.history(...args);
    },
    commit: (id) => {
      counts.commit++;
      return mirror.commit(id);
    },
  };
  return { mirror: counted, counts };
}

/** Expects that a look with what was learned early finds what a look without it finds, and learns the same. */
async function expectSame(mirror: Mirror, references: RemoteReferences, early: EarlyDiscovery) {
  const [memory, other] = [DiscoveryMemory.empty(), DiscoveryMemory.empty()];
  const found = await discoverRevisions({ mirror, references, branch: 'main', memory, early });
  const expected = await discoverRevisions({ mirror, references, branch: 'main', memory: other });
  expect(found).toEqual(expected);
  for (const { path } of found.revisions) {
    const marks = (of: DiscoveryMemory) => of.commits.marks(path).map(({ position: _, ...mark }) => mark);
    expect(marks(memory)).toEqual(marks(other));
  }
  for (const { commit } of found.revisions) {
    const isAncestor = [memory, other].map(({ commits }) => commits.ancestorsOf(commit));
    for (const { commit: one } of found.revisions) expect(isAncestor[0]?.(one)).toBe(isAncestor[1]?.(one));
  }
  return found;
}

describe.each(Object.keys(revisionsInFixtures) as FixtureRepository[])('a first fetch of %s', (name) => {
  const archive = findFixtureRepository(name);

  test.skipIf(archive === undefined)('finds the same early', async () => {
    const { mirror, directory } = await remotes.open(archive);
    const references = await mirror.lsRemote({ url: directory });
    const early = new EarlyDiscovery({ references, branch: 'main' });
    await mirror.fetch({ url: directory }, { listed: references, arriving: early });
    const { revisions } = await expectSame(mirror, references, early);
    expect(revisions).toHaveLength(revisionsInFixtures[name].length);
  });
});

describe('what is learned of commits that arrive', () => {
  let remote: TestRemote;
  let ids: ObjectId[];
  let references: RemoteReferences;

  beforeEach(async () => {
    remote = await remotes.open();
    ids = [];
    for (let number = 1; number <= 12; number++) {
      const name = `w${number}`;
      const files = { 'p/Kptfile': kptfile(String(number)) };
      const task = { path: 'p', workspaceName: name, task: init };
      const parents = ids.slice(-1);
      const draft = await remote.commit({ message: draftCommitMessage(task), parents, files });
      const message = approvalCommitMessage({ path: 'p', workspaceName: name, revision: number });
      const refs = [`refs/tags/p/v${number}`, 'refs/heads/main'];
      ids.push(draft, await remote.commit({ message, parents: [draft], refs }));
    }
    references = await remote.references();
  });

  const arriving = async (mirror: Mirror, some: readonly ObjectId[]): Promise<EarlyDiscovery> => {
    const early = new EarlyDiscovery({ references, branch: 'main' });
    early.begin(async (take) => {
      for (const id of some) take(await mirror.commit(id));
    });
    await early.facts();
    return early;
  };

  test('is all that is needed of them, in whatever order they come', async () => {
    for (const some of [ids, [...ids].reverse()]) {
      const { mirror, counts } = counting(remote.mirror);
      const early = await arriving(remote.mirror, some);
      expect(some.map((id) => early.has(id))).toEqual(some.map((id) => ids.indexOf(id) % 2 === 1));
      await discoverRevisions({ mirror, references, branch: 'main', early });
      expect(counts).toEqual({ history: 0, commit: 0 });
      expect((await expectSame(remote.mirror, references, early)).revisions).toHaveLength(13);
    }
  });

  test('is made whole where a few are missing', async () => {
    for (const missing of [0, 9, 22]) {
      const { mirror, counts } = counting(remote.mirror);
      const early = await arriving(
        remote.mirror,
        ids.filter((_, index) => index !== missing),
      );
      await discoverRevisions({ mirror, references, branch: 'main', early });
      // What a tag names is read for that, too.
      expect(counts).toEqual({ history: 0, commit: missing % 2 === 0 ? 1 : 2 });
      await expectSame(remote.mirror, references, early);
    }
  });

  test('is not used where many are missing', async () => {
    const most = await arriving(remote.mirror, ids.slice(12));
    await expectSame(remote.mirror, references, most);
    const { mirror, counts } = counting(remote.mirror);
    await discoverRevisions({ mirror, references, branch: 'main', early: most });
    expect(counts.history).toBeGreaterThan(0);
    const none = await arriving(remote.mirror, []);
    await expectSame(remote.mirror, references, none);
  });

  test('is forgotten when the fetch begins again', async () => {
    const early = await arriving(remote.mirror, ids);
    const [first = '', ...others] = ids;
    const taken: boolean[] = [];
    const ended = Promise.withResolvers<void>();
    early.begin(async (take) => {
      taken.push(take(await remote.mirror.commit(first)));
      await ended.promise;
      taken.push(take(await remote.mirror.commit(first)));
    });
    const earlier = early.facts();
    await new Promise(setImmediate);
    early.begin(async (take) => {
      for (const id of others) take(await remote.mirror.commit(id));
    });
    expect((await early.facts()).map(({ id }) => id)).toEqual(others);
    ended.resolve();
    await earlier;
    expect(taken.at(-1)).toBe(false);
    expect((await early.facts()).map(({ id }) => id)).toEqual(others);
  });

  test('tells of a failure when it is asked', async () => {
    const early = new EarlyDiscovery({ references, branch: 'main' });
    early.begin(() => Promise.reject(new Error('the disk is broken')));
    await expect(early.facts()).rejects.toThrow('the disk is broken');
  });
});

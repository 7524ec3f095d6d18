import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discover, init, line, publish, skips } from './discovered.test-support.ts';
import { kptfile, startTestRemotes, type TestRemotes } from './discovery.test-support.ts';
import { discoverRevisions } from './discovery.ts';
import { DiscoveryMemory } from './discovery-memory.ts';
import type { Discovery } from './discovery-types.ts';
import type { Mirror } from './types.ts';

let remotes: TestRemotes;
beforeAll(async () => {
  remotes = await startTestRemotes();
});
afterAll(() => remotes.close());

describe('looking again', () => {
  it('keeps what has not changed, even when its surroundings have', async () => {
    const remote = await remotes.open();
    const memory = DiscoveryMemory.empty();
    const first = await publish(remote, 'a', 'w', 1);
    const second = await publish(remote, 'b', 'w', 1, first);
    const options = { mirror: remote.mirror, branch: 'main', memory };
    const before = await discoverRevisions({ ...options, references: await remote.references() });
    const again = await discoverRevisions({ ...options, references: await remote.references(), known: before });
    expect(again).toEqual(before);
    again.revisions.forEach((revision, index) => void expect(revision).toBe(before.revisions[index]));

    const third = await publish(remote, 'b', 'w2', 2, second);
    await remote.git('update-ref', 'refs/heads/deletionProposed/a/v1', first);
    const references = await remote.references();
    const after = await discoverRevisions({ ...options, references, known: before });
    const restarted = JSON.parse(JSON.stringify(before)) as Discovery;
    expect(await discoverRevisions({ mirror: remote.mirror, branch: 'main', references, known: restarted })).toEqual(
      after,
    );
    expect(after.revisions.map(line)).toEqual([
      'a main -1 Published',
      'a w 1 DeletionProposed',
      'b main -1 Published',
      'b w 1 Published',
      'b w2 2 Published',
    ]);
    expect(after.revisions[0]).toBe(before.revisions[0]);
    expect(after.revisions[0]?.commit).toBe(second);
    expect(after.revisions[2]?.commit).toBe(third);
    expect(after.revisions[3]).toBe(before.revisions[3]);
    expect(after.revisions[4]?.tasks).toEqual([init]);

    const proposal = 'refs/heads/deletionProposed/a/v1';
    await remote.git('update-ref', proposal, third);
    const moved = await discoverRevisions({ ...options, references: await remote.references(), known: after });
    expect(moved.revisions[1]?.refs).toEqual({ 'refs/tags/a/v1': first, [proposal]: third });

    await remote.git('update-ref', '-d', proposal);
    await remote.git('update-ref', '-d', 'refs/tags/b/v1');
    const last = await discoverRevisions({ ...options, references: await remote.references(), known: moved });
    expect(last.revisions.map(line)).toEqual([
      'a main -1 Published',
      'a w 1 Published',
      'b main -1 Published',
      'b w2 2 Published',
    ]);
    expect(last.revisions[1]?.refs).toStrictEqual({ 'refs/tags/a/v1': first });
  });

  it('reads nothing twice, also when the server was restarted', async () => {
    const remote = await remotes.open();
    const file = join(await mkdtemp(join(tmpdir(), 'porch-learned-')), 'discovered');
    const first = await publish(remote, 'a', 'w', 1);
    const second = await publish(remote, 'b/c', 'w', 1, first);
    await remote.git('update-ref', 'refs/tags/nothing/v1', first);
    await remote.git('update-ref', 'refs/heads/deletionProposed/a/v1', first);
    const memory = await DiscoveryMemory.open(file);
    const options = { branch: 'main', references: await remote.references() };
    const before = await discoverRevisions({ ...options, mirror: remote.mirror, memory });
    await memory.save();

    const asked: string[] = [];
    const mirror = new Proxy(remote.mirror, {
      get(target, name: keyof Mirror) {
        const value = target[name];
        if (typeof value !== 'function') return value;
        return (...args: never[]) => {
          const listed = JSON.stringify(args[0]);
          if (listed !== '[]') asked.push(name);
          return Reflect.apply(value, target, args);
        };
      },
    });
    const restarted = await DiscoveryMemory.open(file);
    expect(await discoverRevisions({ ...options, mirror, memory: restarted })).toEqual(before);
    // The branch is walked down to its packages.
    expect(asked.sort()).toEqual(['entryAt', 'listTree', 'listTree']);

    const third = await publish(remote, 'a', 'w2', 2, second);
    asked.length = 0;
    const references = await remote.references();
    const later = await discoverRevisions({ ...options, references, mirror, memory: restarted });
    expect(later.revisions.find(({ revision }) => revision === 2)).toMatchObject({ commit: third, tasks: [init] });
    expect(later.revisions.find(({ path, revision }) => path === 'b/c' && revision < 0)?.commit).toBe(second);
    // Only the new commit, its package's tree, and the trees on the way to packages; what the tag has is known on the branch.
    expect(asked.sort()).toEqual(['entryAt', 'history', 'listTree', 'listTree', 'treesAt']);
    await rm(dirname(file), { recursive: true });
  });

  it('gives a new commit to packages of a branch that was rewritten', async () => {
    const remote = await remotes.open();
    await publish(remote, 'a', 'w', 1);
    const known = await discover(remote);
    const rewritten = await remote.commit({
      message: 'Rewritten',
      files: { 'a/Kptfile': kptfile('a-1') },
      refs: ['refs/heads/main'],
    });
    const references = await remote.references();
    const found = await discoverRevisions({ mirror: remote.mirror, branch: 'main', references, known });
    expect(found.revisions[0]?.commit).toBe(rewritten);
    expect(found.revisions[0]?.publishedBy).toBeUndefined();
  });

  it('lists what the branch has when the tag that had its name is gone', async () => {
    const remote = await remotes.open();
    await publish(remote, 'a', 'main', 1);
    const known = await discover(remote);
    expect(known.revisions.map(line)).toEqual(['a main 1 Published']);
    expect(skips(known)).toEqual(['refs/heads/main a duplicate']);
    await remote.git('update-ref', '-d', 'refs/tags/a/v1');
    const references = await remote.references();
    const found = await discoverRevisions({ mirror: remote.mirror, branch: 'main', references, known });
    expect(found.revisions.map(line)).toEqual(['a main -1 Published']);
    expect(found.skipped).toEqual([]);
  });

  it('keeps a revision whose new commit is not in the mirror yet', async () => {
    const remote = await remotes.open();
    const draft = { files: { 'a/Kptfile': kptfile('a') }, refs: ['refs/heads/drafts/a/w'] };
    await remote.commit({ message: 'one', ...draft });
    const known = await discover(remote);
    const id = await remote.commit({ message: 'two', ...draft });
    const references = await remote.mirror.lsRemote({ url: remote.directory });
    const early = await discoverRevisions({ mirror: remote.mirror, branch: 'main', references, known });
    expect(early.revisions).toEqual(known.revisions);
    expect(skips(early)).toEqual(['refs/heads/drafts/a/w  missing']);
    await remote.references();
    const late = await discoverRevisions({ mirror: remote.mirror, branch: 'main', references, known: early });
    expect(late.revisions.map((revision) => revision.commit)).toEqual([id]);
    expect(late.skipped).toEqual([]);
  });

  it('stops when it is told to', async () => {
    const remote = await remotes.open();
    await publish(remote, 'a', 'w', 1);
    const references = await remote.references();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(discoverRevisions({ mirror: remote.mirror, branch: 'main', references, signal })).rejects.toThrow(
      'enough',
    );
  });
});

import { afterEach, expect, test } from 'vitest';
import {
  packageFamilies,
  putRecord,
  repositoryStates,
  resourcesStates,
  revisionStates,
  syncRequests,
  upstreamUses,
} from '../cache/records.ts';
import { resourcesKey } from '../cache/revision-cache.ts';
import { requestSync } from '../cache/sync-requests.ts';
import { UpstreamIndex } from '../cache/upstream-index.ts';
import { createEngine } from '../engine/engine.ts';
import type { EngineParts } from '../engine/parts.ts';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { repositories } from '../resources/group.ts';
import { commitElsewhere } from './sync/commit-elsewhere.test-support.ts';
import { UnmirroredError, unregisterRepository } from './unregister.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

const discard = { discardDrafts: true };
const keep = { discardDrafts: false };

/** The same parts, with something that happens before each of their mutexes is waited for. */
function withMutexes(parts: EngineParts, before: (name: string) => Promise<unknown>): EngineParts {
  const packageMutexes = new Proxy(parts.packageMutexes, {
    get: (target, property) => {
      if (property !== 'run') return Reflect.get(target, property);
      return async (name: string, work: () => Promise<unknown>) => {
        await before(name);
        return target.run(name, work);
      };
    },
  });
  return { ...parts, packageMutexes };
}

test('a draft that is being made while its repository goes is refused, not left behind', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  const making = t.create('r', 'p', 'w');
  await unregisterRepository(t.parts, 'default', 'r', discard);
  await expect(making).rejects.toMatchObject({ code: 409, message: expect.stringContaining('"r"') });
  expect(t.parts.cache.revisionsOfRepository('default', 'r')).toEqual([]);
  expect(t.parts.cache.statesOfRepository('default', 'r')).toEqual([]);
});

test('changes that Git does not have keep a repository from going, also a deletion and a move', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  const { queue, cache } = t.parts;
  const refused = async () => {
    await expect(unregisterRepository(t.parts, 'default', 'r', keep)).rejects.toThrow(UnmirroredError);
    // Until then it is what it was.
    expect(cache.repositoryState('default', 'r')).toBeDefined();
  };
  await queue.hold('default', 'r', 'r.p.w', async () => {
    await t.setLifecycle('r.p.w', 'Proposed');
    await refused();
  });
  await t.mirrored('r.p.w');
  await queue.hold('default', 'r', 'r.p.w', async () => {
    await t.remove('r.p.w');
    await refused();
  });
  await t.mirrored('r.p.w');
  await unregisterRepository(t.parts, 'default', 'r', keep);
  expect(cache.repositoryState('default', 'r')).toBeUndefined();
  expect(cache.objects.list(repositories).items.length).toBe(1);
});

test('a draft that was moved here and changed in Git keeps a repository from going', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  await t.parts.queue.hold('default', 'r', 'r.p.w', async () => {
    await t.setLifecycle('r.p.w', 'Proposed');
    const theirs = await commitElsewhere(t, 'r', 'main', 'p/Kptfile', 'apiVersion: kpt.dev/v1\nkind: Kptfile\n');
    await t.git('r', 'update-ref', 'refs/heads/drafts/p/w', theirs);
    await t.sync('r');
  });
  await expect(unregisterRepository(t.parts, 'default', 'r', keep)).rejects.toThrow(UnmirroredError);
  await unregisterRepository(t.parts, 'default', 'r', discard);
  expect(t.get('r.p.w')).toBeUndefined();
});

test('drafts that stay on the server keep a repository from going, until they may be lost', async () => {
  const t = await startTrial('off');
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await expect(unregisterRepository(t.parts, 'default', 'r', keep)).rejects.toThrow(UnmirroredError);
  expect(t.get('r.p.w')).toBeDefined();
  await unregisterRepository(t.parts, 'default', 'r', discard);
  expect(t.get('r.p.w')).toBeUndefined();
});

test('a change that Git does not have keeps a repository from going also when it is made in the last moment', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  const { queue } = t.parts;
  await queue.hold('default', 'r', 'r.p.w', async () => {
    const parts = withMutexes(t.parts, () => t.setLifecycle('r.p.w', 'Proposed'));
    await expect(unregisterRepository(parts, 'default', 'r', keep)).rejects.toThrow(UnmirroredError);
  });
  expect(t.get('r.p.w')?.spec.lifecycle).toBe('Proposed');
});

test('a deletion that finds its repository going in the last moment says that there is nothing any more', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.mirrored('r.p.w');
  let isFirst = true;
  const overtaken = withMutexes(t.parts, async (name) => {
    if (!isFirst || !name.startsWith('write:')) return;
    isFirst = false;
    await unregisterRepository(t.parts, 'default', 'r', keep);
  });
  const engine = createEngine(overtaken, new UpstreamIndex(t.parts.cache.objects));
  const options = { dryRun: false, fieldManager: 'test' };
  await expect(engine.deletePackageRevision(t.context, 'r.p.w', options)).rejects.toMatchObject({ code: 404 });
  expect(isFirst).toBe(false);
});

test('nothing that was kept for a repository stays', async () => {
  const t = await startTrial();
  trial = t;
  await t.addRepository('r');
  const { queue, cache, store } = t.parts;
  await t.create('r', 'a/p', 'w');
  await t.create('r', 'gone', 'w');
  await t.mirrored('r.gone.w');
  const upstreamRef = { upstreamRef: { name: 'r.a.p.w' } };
  await t.create('r', 'down', 'w', { type: 'clone', clone: { upstreamRef } });
  await requestSync(t.parts, 'default', 'r', 'test');
  await queue.hold('default', 'r', 'r.gone.w', async () => {
    await t.remove('r.gone.w');
    await store.commit({ operations: [putRecord(resourcesKey('default', 'r.gone.w'), {})] });
    await unregisterRepository(t.parts, 'default', 'r', discard);
  });
  const kept = [revisionStates, resourcesStates, repositoryStates, syncRequests, packageFamilies, upstreamUses].filter(
    (resource) => cache.objects.list(resource).items.length > 0,
  );
  expect(kept).toEqual([]);
});

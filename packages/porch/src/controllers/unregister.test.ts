import { afterEach, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { repositories } from '../resources/group.ts';
import { UnmirroredError, unregisterRepository } from './unregister.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

const discard = { discardDrafts: true };
const keep = { discardDrafts: false };

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
  const refused = () => expect(unregisterRepository(t.parts, 'default', 'r', keep)).rejects.toThrow(UnmirroredError);
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

import type { WriteSet } from '@porch/apiserver';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { revisionStates, upstreamUses } from '../cache/records.ts';
import { packageRevisions } from '../resources/group.ts';
import type { Task } from '../resources/package-revision.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => trial?.close());

const cloneOf = (name: string): Task => ({ type: 'clone', clone: { upstreamRef: { upstreamRef: { name } } } });

/** Runs `first` when a write set comes to the store that somebody has made already, and before it is looked at. Once for each. */
function before(
  ...steps: readonly (readonly [isIt: (writeSet: WriteSet) => boolean, first: () => Promise<unknown>])[]
) {
  const { store } = trial.parts;
  const commit = store.commit.bind(store);
  const left = [...steps];
  vi.spyOn(store, 'commit').mockImplementation(async (writeSet, options) => {
    const at = left.findIndex(([isIt]) => isIt(writeSet));
    const [step] = at < 0 ? [] : left.splice(at, 1);
    await step?.[1]();
    return commit(writeSet, options);
  });
}

const writes = (type: 'put' | 'delete', resource: string, name: string, text = '') => {
  return ({ operations }: WriteSet): boolean =>
    operations.some(
      (operation) =>
        operation.type === type &&
        operation.key.resource === resource &&
        operation.key.name === name &&
        (operation.type !== 'put' || operation.value.includes(text)),
    );
};

const intends = (name: string) => writes('put', revisionStates, name, '"intent":{"type":"delete"');

async function proposeDeletion(name: string): Promise<void> {
  await trial.setLifecycle(name, 'DeletionProposed');
  await trial.mirrored(name);
}

const usesOf = (name: string) => trial.parts.cache.objects.get({ resource: upstreamUses, namespace: 'default', name });

const inUseBy = (downstream: string) => ({
  code: 403,
  message: expect.stringContaining(`it is referenced as upstream by: ${downstream}`),
});

describe('what somebody has begun to name as its upstream stays', () => {
  test('when it is cloned after the last look before it is removed from Git', async () => {
    const r = await trial.newRepository();
    const up = `${r}.up.v1`;
    await trial.create(r, 'up', 'v1');
    await trial.publish(up);
    await proposeDeletion(up);
    before([intends(up), () => trial.create(r, 'down', 'v1', cloneOf(up))]);
    await expect(trial.remove(up)).rejects.toMatchObject(inUseBy(`${r}.down.v1`));
    expect(trial.get(up)).toBeDefined();
    expect(await trial.references(r)).toEqual(expect.arrayContaining(['refs/tags/up/v1']));
    expect(trial.parts.cache.state('default', up)?.value.intent).toBeUndefined();
  });

  test('when something is upgraded to it after the last look', async () => {
    const r = await trial.newRepository();
    await trial.create(r, 'up', 'v1');
    await trial.publish(`${r}.up.v1`);
    await trial.create(r, 'down', 'v1', cloneOf(`${r}.up.v1`));
    await trial.publish(`${r}.down.v1`);
    await trial.create(r, 'up', 'v2', { type: 'edit', edit: { sourceRef: { name: `${r}.up.v1` } } });
    await trial.publish(`${r}.up.v2`);
    await proposeDeletion(`${r}.up.v2`);
    const upgrade = {
      oldUpstreamRef: { name: `${r}.up.v1` },
      newUpstreamRef: { name: `${r}.up.v2` },
      localPackageRevisionRef: { name: `${r}.down.v1` },
    };
    before([intends(`${r}.up.v2`), () => trial.create(r, 'down', 'v2', { type: 'upgrade', upgrade })]);
    await expect(trial.remove(`${r}.up.v2`)).rejects.toMatchObject(inUseBy(`${r}.down.v2`));
    expect(trial.get(`${r}.up.v2`)).toBeDefined();
  });

  test('when it is a draft that is cloned while its removal is on its way to the disk', async () => {
    const r = await trial.newRepository();
    const up = `${r}.up.v1`;
    await trial.create(r, 'up', 'v1');
    await trial.mirrored(up);
    before([writes('delete', packageRevisions, up), () => trial.create(r, 'down', 'v1', cloneOf(up))]);
    await expect(trial.remove(up)).rejects.toMatchObject(inUseBy(`${r}.down.v1`));
    expect(trial.get(up)).toBeDefined();
  });

  test('when finalizers would have held it', async () => {
    const r = await trial.newRepository();
    const up = `${r}.up.v1`;
    await trial.create(r, 'up', 'v1');
    await trial.publish(up);
    await trial.update(up, (object) => void (object.metadata.finalizers = ['example.com/hold']));
    await proposeDeletion(up);
    const marks = writes('put', packageRevisions, up, '"deletionTimestamp"');
    before([marks, () => trial.create(r, 'down', 'v1', cloneOf(up))]);
    await expect(trial.remove(up)).rejects.toMatchObject(inUseBy(`${r}.down.v1`));
    expect(trial.get(up)?.metadata.deletionTimestamp).toBeUndefined();
  });
});

test('nobody begins to name what has begun to be removed from Git after the last look at it', async () => {
  const r = await trial.newRepository();
  const [up, down] = [`${r}.up.v1`, `${r}.down.v1`];
  await trial.create(r, 'up', 'v1');
  await trial.publish(up);
  await proposeDeletion(up);
  const isRemovedFromGit = Promise.withResolvers<void>();
  const isAnswered = Promise.withResolvers<void>();
  let removal: Promise<unknown> | undefined;
  before(
    [
      writes('put', packageRevisions, down),
      () => {
        removal = trial.remove(up);
        return Promise.race([isRemovedFromGit.promise, removal]);
      },
    ],
    [
      writes('delete', packageRevisions, up),
      () => {
        isRemovedFromGit.resolve();
        return isAnswered.promise;
      },
    ],
  );
  const [clone] = await Promise.allSettled([trial.create(r, 'down', 'v1', cloneOf(up))]);
  isAnswered.resolve();
  await removal;
  expect(clone).toMatchObject({
    reason: { code: 409, message: expect.stringContaining(`already in progress on package revision "default/${up}"`) },
  });
  expect(trial.get(down)).toBeUndefined();
  expect(trial.get(up)).toBeUndefined();
  expect(await trial.references(r)).toEqual(['refs/heads/main']);
});

test('what is known of the use of an upstream goes with it, and keeps nobody from removing it when it is used no more', async () => {
  const r = await trial.newRepository();
  const up = `${r}.up.v1`;
  await trial.create(r, 'up', 'v1');
  await trial.publish(up);
  expect(usesOf(up)).toBeUndefined();
  await trial.create(r, 'down', 'v1', cloneOf(up));
  expect(usesOf(up)).toBeDefined();
  await trial.remove(`${r}.down.v1`);
  await proposeDeletion(up);
  await trial.remove(up);
  expect(trial.get(up)).toBeUndefined();
  expect(usesOf(up)).toBeUndefined();
});

test('of many that begin to name one at the same time none has to try again', async () => {
  const r = await trial.newRepository();
  const up = `${r}.up.v1`;
  await trial.create(r, 'up', 'v1');
  await trial.publish(up);
  await trial.mirrored(up);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const areAllThere = Promise.withResolvers<void>();
  let there = 0;
  const arrive = () => {
    if (++there === names.length) areAllThere.resolve();
    return areAllThere.promise;
  };
  const isUse = writes('put', upstreamUses, up);
  before(...names.map(() => [isUse, arrive] as const));
  await Promise.all(names.map((name) => trial.create(r, name, 'v1', cloneOf(up))));
  expect(vi.mocked(trial.parts.store.commit).mock.calls.filter(([writeSet]) => isUse(writeSet))).toHaveLength(there);
});

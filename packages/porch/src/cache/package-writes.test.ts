import { isDeepStrictEqual } from 'node:util';
import { encodeObject } from '@porch/apiserver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import { latestRevisionLabel as label, packageRevisions, packages, porchApiVersion } from '../resources/group.ts';
import { packageObjectName } from '../resources/names.ts';
import type { PackageRevision } from '../resources/package-revision.ts';
import { forgetDeleted, planPackageWrites, type RevisionChange } from './package-writes.ts';
import { putRecord } from './records.ts';
import { resourcesKey, stateKey, tombstoneKey } from './revision-cache.ts';
import { stateAtRest } from './state-at-rest.ts';

const namespace = 'default';
const now = '2026-01-02T03:04:05Z';

let trial: Trial;
let repository: string;
beforeAll(async () => {
  trial = await startTrial('off');
  repository = await trial.newRepository();
  await trial.create(repository, 'p', 'one');
  await trial.publish(`${repository}.p.one`);
  await trial.create(repository, 'p', 'two', {
    type: 'edit',
    edit: { sourceRef: { name: `${repository}.p.one` } },
  });
});
afterAll(() => trial?.close());

const nameOf = (workspace: string) => `${repository}.p.${workspace}`;

function plan(...changes: RevisionChange[]) {
  return planPackageWrites(trial.parts.cache, { namespace, repository, packageName: 'p' }, changes, now);
}

/** What is there, as the base of a change. */
function read(workspace: string) {
  const { cache } = trial.parts;
  const object = cache.packageRevision(namespace, nameOf(workspace));
  const state = cache.state(namespace, nameOf(workspace));
  if (object === undefined || state === undefined) return expect.fail(`${workspace} is not there`);
  return {
    object: object.value,
    state: state.value,
    base: { namespace, name: nameOf(workspace), expected: object.revision, expectedState: state.revision },
  };
}

describe('every operation says what it is based on', () => {
  test('where a revision is changed', () => {
    const { object, state, base } = read('two');
    const key = { resource: packageRevisions, namespace, name: base.name };
    expect(plan({ ...base, object, state })).toMatchObject([
      { type: 'put', key, expected: base.expected, uid: object.metadata.uid },
      { type: 'put', key: stateKey(namespace, base.name), expected: base.expectedState },
      {
        type: 'put',
        key: { resource: packages },
        value: expect.not.stringContaining(now),
        expected: trial.parts.cache.packageObject(namespace, repository, 'p')?.revision,
      },
    ]);
  });

  test('where it is removed, with the tombstone by which its successor gets another UID', () => {
    const { base } = read('two');
    const key = { resource: packageRevisions, namespace, name: base.name };
    const operations = plan({ ...base, object: null, state: null });
    expect(operations).toContainEqual({ type: 'delete', key, expected: base.expected });
    expect(operations).toContainEqual({
      type: 'delete',
      key: stateKey(namespace, base.name),
      expected: base.expectedState,
    });
    expect(operations.map((operation) => operation.key)).toContainEqual(
      tombstoneKey(packageRevisions, namespace, base.name),
    );
  });

  test('where the last one is removed, and the package with it', () => {
    const cache = trial.parts.cache;
    const all = cache.revisionsOfPackage(namespace, repository, 'p');
    const changes = all.map(({ name }) => ({ ...read(name.split('.')[2] ?? '').base, object: null, state: null }));
    const operations = plan(...changes);
    expect(operations).toContainEqual({
      type: 'delete',
      key: expect.objectContaining({ resource: packages }),
      expected: cache.packageObject(namespace, repository, 'p')?.revision,
    });
    const tombstone = tombstoneKey(packages, namespace, packageObjectName(repository, 'p'));
    expect(operations.map(({ key }) => key)).toContainEqual(tombstone);
  });
});

describe('the state of a published revision that its object says', () => {
  const added = { namespace, name: nameOf('three'), expected: 0, expectedState: 0 };
  const stateOperation = (operations: ReturnType<typeof plan>, name: string) =>
    operations.find(({ key }) => isDeepStrictEqual(key, stateKey(namespace, name)));
  const published = () => {
    const { object } = read('one');
    const state = stateAtRest(object);
    return { object, ...(state !== undefined && { state }) };
  };

  test('is not stored where both are new, and is not to be there', () => {
    const operation = stateOperation(plan({ ...added, ...published() }), added.name);
    expect(operation).toEqual({ type: 'delete', key: stateKey(namespace, added.name), expected: 0 });
  });

  test.each(['expected', 'expectedState'])('is stored where one of them is not (%s)', (field) => {
    const operation = stateOperation(plan({ ...added, [field]: 7, ...published() }), added.name);
    expect(operation).toMatchObject({ type: 'put', expected: field === 'expectedState' ? 7 : 0 });
  });
});

test('what is left of a deleted revision is forgotten as it was read, but for what may still be done in Git', async () => {
  const { state } = read('two');
  const name = nameOf('gone');
  const [key, files] = [stateKey(namespace, name), resourcesKey(namespace, name)];
  const tombstone = tombstoneKey(packageRevisions, namespace, name);
  await trial.parts.store.commit({
    operations: [putRecord(files, {}), putRecord(tombstone, { incarnation: 3, at: now, unanswered: ['before'] })],
  });
  const forgotten = (unanswered?: string[]) =>
    forgetDeleted(trial.parts.cache, { key, revision: 7, value: unanswered ? { ...state, unanswered } : state });
  const removed = [
    { type: 'delete', key, expected: 7 },
    { type: 'delete', key: files },
  ];
  const buried = { incarnation: 3, at: now, forgotten: 1 };
  expect(forgotten()).toEqual([...removed, putRecord(tombstone, buried)]);
  expect(forgotten(['now'])).toEqual([...removed, putRecord(tombstone, { ...buried, unanswered: ['now'] })]);
});

describe('the latest revision', () => {
  const merges = (operations: ReturnType<typeof plan>) => operations.filter(({ type }) => type === 'merge');
  const published = (revision: number, lifecycle = 'Published'): RevisionChange => {
    const { object, base } = read('two');
    return { ...base, object: { ...object, spec: { ...object.spec, lifecycle, revision } } };
  };

  test('is the one with the highest number, from which the other loses its label', () => {
    const operations = plan(published(2));
    expect(operations[0]).toMatchObject({ type: 'put', value: expect.stringContaining(label) });
    expect(merges(operations)).toEqual([
      {
        type: 'merge',
        key: { resource: packageRevisions, namespace, name: nameOf('one') },
        patch: { metadata: { labels: { [label]: null } } },
      },
    ]);
    expect(operations.at(-1)).toMatchObject({ value: expect.stringContaining('"latestRevision":2') });
  });

  test.each([
    ['has no number', 0, 'Published'],
    ['is not published', 2, 'Proposed'],
  ])('is not one that %s', (_, revision, lifecycle) => {
    const operations = plan(published(revision, lifecycle));
    expect(operations[0]).toMatchObject({ type: 'put', value: expect.not.stringContaining(label) });
    expect(merges(operations)).toEqual([]);
    expect(operations.at(-1)).toMatchObject({ value: expect.stringContaining('"latestRevision":1') });
  });

  test('is none where only drafts are left', () => {
    const { base } = read('one');
    const operations = plan({ ...base, object: null, state: null });
    expect(operations.at(-1)).toMatchObject({ value: expect.stringContaining('"latestRevision":0') });
  });
});

test('the resources of a revision change when it gets its number', () => {
  const { object, base } = read('two');
  const numbered = { ...object, spec: { ...object.spec, revision: 2 } };
  expect(plan({ ...base, object: numbered })[0]).toHaveProperty('renewsContent', true);
  expect(plan({ ...base, object })[0]).not.toHaveProperty('renewsContent');
});

test('packages are apart of which one name begins with the other', async () => {
  const { cache, store } = trial.parts;
  const put = (packageName: string) => {
    const name = `${repository}.${packageName.replaceAll('/', '.')}.v1`;
    const spec = { repository, packageName, workspaceName: 'v1', lifecycle: 'Published', revision: 1 };
    const value = encodeObject({
      apiVersion: porchApiVersion,
      kind: 'PackageRevision',
      metadata: { namespace, name },
      spec,
    } as PackageRevision);
    return { type: 'put' as const, key: { resource: packageRevisions, namespace, name }, uid: name, value };
  };
  await store.commit({ operations: [put('above'), put('above/below')] });
  const names = cache.revisionsOfPackage(namespace, repository, 'above').map(({ name }) => name);
  expect(names).toEqual([`${repository}.above.v1`]);
});

import { afterEach, expect, test } from 'vitest';
import { startTrial, type Trial } from '../engine/trial.test-support.ts';
import type { PackageRevisionResources } from '../resources/package-revision-resources.ts';
import { putRecord, type ResourcesState, resourcesStates } from './records.ts';
import { resourcesKey, stateKey } from './revision-cache.ts';

let trial: Trial | undefined;

afterEach(async () => {
  await trial?.close();
  trial = undefined;
});

async function draftWithFunction(drafts?: 'off'): Promise<Trial> {
  const t = await startTrial(drafts);
  trial = t;
  await t.addRepository('r');
  await t.create('r', 'p', 'w');
  await t.setFiles('r.p.w', (files) => {
    files.Kptfile += 'pipeline:\n  mutators:\n    - image: set-labels:v0.2\n      configMap:\n        a: b\n';
  });
  return t;
}

const kept = (t: Trial) => t.parts.cache.objects.list(resourcesStates).items.map(({ key }) => key.name);
const ran = (state: ResourcesState | undefined) => state?.renderStatus?.result?.items?.length;

test('how a render went is kept beside the state, through pushes and a publication, and goes with the revision', async () => {
  const t = await draftWithFunction();
  const { cache } = t.parts;
  const { revision } = cache.objects.get(resourcesKey('default', 'r.p.w')) ?? {};
  await t.mirrored('r.p.w');
  await t.publish('r.p.w');
  expect(cache.objects.get(resourcesKey('default', 'r.p.w'))?.revision).toBe(revision);
  expect(ran(cache.resourcesState('default', 'r.p.w'))).toBe(1);
  expect(cache.state('default', 'r.p.w')?.value).not.toHaveProperty('renderStatus');
  expect(kept(t)).toEqual(['r.p.w']);
  await t.create('r', 'p', 'next', { type: 'edit', edit: { sourceRef: { name: 'r.p.w' } } });
  expect(ran(cache.resourcesState('default', 'r.p.next'))).toBe(1);
  await t.setLifecycle('r.p.w', 'DeletionProposed');
  await t.remove('r.p.w');
  expect(kept(t)).toEqual(['r.p.next']);
});

test('it goes with a draft that is deleted, when its branch has gone', async () => {
  const t = await draftWithFunction();
  await t.mirrored('r.p.w');
  await t.remove('r.p.w');
  await t.mirrored('r.p.w');
  expect(t.parts.cache.state('default', 'r.p.w')).toBeUndefined();
  expect(kept(t)).toEqual([]);
});

test('it goes when Git has other files than those that were rendered', async () => {
  const t = await draftWithFunction();
  await t.mirrored('r.p.w');
  const parent = await t.git('r', 'rev-parse', 'drafts/p/w^');
  await t.git('r', 'update-ref', 'refs/heads/drafts/p/w', parent);
  await t.sync('r');
  expect(kept(t)).toEqual([]);
  expect((await t.resources('r.p.w')).status?.renderStatus).toEqual({ error: '' });
});

test('what an earlier version has left in the state is read there, and gets its own record with the next render', async () => {
  const t = await draftWithFunction('off');
  const { cache, store } = t.parts;
  const state = cache.state('default', 'r.p.w')?.value;
  const resourcesManagedFields = [{ manager: 'm', operation: 'Update' }];
  const earlier = { ...state, renderStatus: { error: 'of an earlier version' }, resourcesManagedFields };
  await store.commit({
    operations: [
      putRecord(stateKey('default', 'r.p.w'), earlier),
      { type: 'delete', key: resourcesKey('default', 'r.p.w') },
    ],
  });
  const { metadata, status } = await t.resources('r.p.w');
  expect(status?.renderStatus?.error).toBe('of an earlier version');
  expect(metadata.managedFields).toEqual(resourcesManagedFields);
  await t.update('r.p.w', (object) => {
    object.metadata.labels = { a: 'b' };
  });
  expect((await t.resources('r.p.w')).status?.renderStatus?.error).toBe('of an earlier version');
  await t.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  expect(ran(cache.resourcesState('default', 'r.p.w'))).toBe(1);
  expect(kept(t)).toEqual(['r.p.w']);
  expect(cache.state('default', 'r.p.w')?.value).not.toHaveProperty('renderStatus');
  expect(cache.state('default', 'r.p.w')?.value).not.toHaveProperty('resourcesManagedFields');
});

test('what an earlier version has left in the state outlives a publication', async () => {
  const t = await draftWithFunction();
  const { cache, store } = t.parts;
  await t.mirrored('r.p.w');
  const earlier = { ...cache.state('default', 'r.p.w')?.value, renderStatus: { error: 'of an earlier version' } };
  await store.commit({
    operations: [
      putRecord(stateKey('default', 'r.p.w'), earlier),
      { type: 'delete', key: resourcesKey('default', 'r.p.w') },
    ],
  });
  await t.publish('r.p.w');
  expect(cache.resourcesState('default', 'r.p.w').renderStatus?.error).toBe('of an earlier version');
  expect(cache.state('default', 'r.p.w')?.value).not.toHaveProperty('renderStatus');
});

test('who owns which files outlives renders, and how one of changed metadata went is told', async () => {
  const t = await draftWithFunction('off');
  const { cache, store } = t.parts;
  const owners = [{ manager: 'm', operation: 'Update' as const }];
  const owned = async () => (await t.resources('r.p.w')).metadata.managedFields;
  await t.engine.updatePackageResources(
    t.context,
    'r.p.w',
    (current) =>
      ({ ...current, metadata: { ...current?.metadata, managedFields: owners } }) as PackageRevisionResources,
    { dryRun: false, fieldManager: 'test' },
  );
  expect(await owned()).toEqual(owners);
  await t.setFiles('r.p.w', (files) => {
    files['a.txt'] = 'a';
  });
  expect(await owned()).toEqual(owners);
  const earlier = { renderStatus: { error: 'of an earlier render' }, resourcesManagedFields: owners };
  await store.commit({ operations: [putRecord(resourcesKey('default', 'r.p.w'), earlier)] });
  await t.update('r.p.w', (object) => {
    object.spec.packageMetadata = { labels: { x: 'y' } };
  });
  expect(ran(cache.resourcesState('default', 'r.p.w'))).toBe(1);
  expect(await owned()).toEqual(owners);
});

test('what an earlier version has left in the state gives way to owners of files that change alone', async () => {
  const t = await draftWithFunction('off');
  const { cache, store } = t.parts;
  const of = (manager: string) => [{ manager, operation: 'Update' as const }];
  const earlier = { ...cache.state('default', 'r.p.w')?.value, resourcesManagedFields: of('earlier') };
  await store.commit({ operations: [putRecord(stateKey('default', 'r.p.w'), earlier)] });
  await t.engine.updatePackageResources(
    t.context,
    'r.p.w',
    (current) =>
      ({ ...current, metadata: { ...current?.metadata, managedFields: of('now') } }) as PackageRevisionResources,
    { dryRun: false, fieldManager: 'test' },
  );
  expect((await t.resources('r.p.w')).metadata.managedFields).toEqual(of('now'));
  expect(cache.state('default', 'r.p.w')?.value).not.toHaveProperty('resourcesManagedFields');
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWatchCache, openSqliteStore, type Store } from '@porch/apiserver';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { namespaces, packageRevisions, repositories } from '../resources/group.ts';
import { noteCluster, type RepositoriesPlace, requireRepositoriesIn } from './repositories-place.ts';

let directory: string;
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-place-'));
  store = await openSqliteStore({ directory });
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const put = (resource: string, name: string) => {
  const value = JSON.stringify({ apiVersion: 'v1', kind: 'Example', metadata: { name } });
  return store.commit({ operations: [{ type: 'put', key: { resource, namespace: '', name }, uid: name, value }] });
};
/** A server that starts on the store. */
const start = async (place: RepositoriesPlace) => {
  const objects = await createWatchCache({ store, definitions: new Map() });
  await requireRepositoriesIn(place, { store, objects });
};
const ofCluster = /Repositories are in the cluster: .* start porch serve with --aggregated or --kubeconfig/;
const ofStore = /a server that stands alone, .* start porch serve without --aggregated and --kubeconfig/;

it('the first server on a store decides where its Repositories are', async () => {
  await start('cluster');
  await start('cluster');
  await expect(start('store')).rejects.toThrow(ofCluster);
});

it('a server behind a cluster does not start on the state of one that stands alone', async () => {
  await start('store');
  await expect(start('cluster')).rejects.toThrow(ofStore);
  await start('store');
});

it('of two kinds that start in one moment one does', async () => {
  const outcomes = await Promise.allSettled([start('store'), start('cluster')]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

it('what an earlier version has left is known by what is in it', async () => {
  await put(packageRevisions, 'a.b.v1');
  await expect(start('store')).rejects.toThrow(ofCluster);
  await put(namespaces, 'default');
  await put(repositories, 'a');
  await expect(start('cluster')).rejects.toThrow(ofStore);
  await start('store');
});

it('a server that stands alone and has lost its last Repository is none of a cluster', async () => {
  await put(packageRevisions, 'a.b.v1');
  await put(namespaces, 'default');
  await start('store');
});

/** A server behind the given cluster that starts on the store; gives what it says in the log. */
const startIn = async (cluster: string) => {
  const said: unknown[] = [];
  const objects = await createWatchCache({ store, definitions: new Map() });
  await requireRepositoriesIn('cluster', { store, objects });
  await noteCluster(cluster, { store, objects }, { warn: (about: unknown) => void said.push(about) });
  return said;
};

it('a state that comes to another cluster is said to, once', async () => {
  expect(await startIn('a')).toEqual([]);
  expect(await startIn('a')).toEqual([]);
  expect(await startIn('b')).toEqual([{ cluster: 'b', before: 'a' }]);
  expect(await startIn('b')).toEqual([]);
  await expect(start('store')).rejects.toThrow(ofCluster);
});

it('what an earlier version has noted without a cluster is of this one', async () => {
  await start('cluster');
  expect(await startIn('a')).toEqual([]);
  expect(await startIn('b')).toHaveLength(1);
});

it('of two servers of a cluster that start in one moment none fails', async () => {
  await Promise.all([startIn('a'), startIn('a')]);
  expect(await startIn('a')).toEqual([]);
});

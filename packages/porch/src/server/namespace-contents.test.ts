import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnyResourceDefinition,
  createStoreStorage,
  createWatchCache,
  groupResource,
  type KubernetesObject,
  openSqliteStore,
  type ResourceStorage,
  type Store,
  type StoredResource,
  type WatchCache,
} from '@porch/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NamespaceGate } from '../api/namespace/gate.ts';
import { requestContext } from '../api/request-context.test-support.ts';
import { namespaceContents } from './namespace-contents.ts';

const kinds = [
  { group: 'config.porch.kpt.dev', version: 'v1alpha1', plural: 'repositories', kind: 'Repository' },
  { group: 'porch.kpt.dev', version: 'v1alpha1', plural: 'packagerevisions', kind: 'PackageRevision' },
  { group: '', version: 'v1', plural: 'secrets', kind: 'Secret' },
].map((kind) => ({ ...kind, namespaced: true }) satisfies StoredResource);

let directory: string;
let store: Store;
let cache: WatchCache;
let storages: Map<string, Required<ResourceStorage<KubernetesObject>>>;
let gate: NamespaceGate;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'contents-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map() });
  storages = new Map(kinds.map((kind) => [kind.plural, createStoreStorage({ store, cache, resource: kind })]));
  gate = new NamespaceGate(() => 'active');
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

const contents = () =>
  namespaceContents(
    cache,
    kinds.map((kind) => ({ ...kind, storage: storages.get(kind.plural) }) as unknown as AnyResourceDefinition),
    gate,
  );
const write = { dryRun: false, fieldManager: 'test' };

async function put(
  plural: string,
  name: string,
  fields: Partial<KubernetesObject> & { status?: object } = {},
  namespace = 'ns',
) {
  const { group = '', version = '', kind = '' } = kinds.find((one) => one.plural === plural) ?? {};
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const object = { apiVersion, kind, ...fields, metadata: { name, namespace, ...fields.metadata } };
  await storages.get(plural)?.create(requestContext(namespace), object, write);
}

const left = () =>
  kinds.flatMap(({ plural, group }) =>
    cache.list(groupResource(plural, group)).items.map(({ key }) => `${key.namespace}/${key.name}`),
  );

test('what Repositories need goes after them, and after what is left of their package revisions', async () => {
  await put('repositories', 'repository');
  await put('packagerevisions', 'revision');
  await put('secrets', 'password');
  await put('secrets', 'password', {}, 'other');
  const { removeSome, isEmpty } = contents();
  await removeSome('ns');
  expect(left()).toEqual(['ns/revision', 'ns/password', 'other/password']);
  // Those go when their repository is unregistered, and never by a deletion, which would reach Git.
  await removeSome('ns');
  expect(left()).toEqual(['ns/revision', 'ns/password', 'other/password']);
  await storages.get('packagerevisions')?.delete(requestContext('ns'), 'revision', write);
  expect(isEmpty('ns')).toBe(false);
  await removeSome('ns');
  expect(left()).toEqual(['other/password']);
  expect(isEmpty('ns')).toBe(true);
});

test('a namespace in which something is being created is not empty', async () => {
  const { isEmpty } = contents();
  const leave = gate.enter('ns', { resource: { group: '', resource: 'secrets' }, name: 's' });
  expect([isEmpty('ns'), isEmpty('other')]).toEqual([false, true]);
  leave();
  expect(isEmpty('ns')).toBe(true);
});

test('what is left is counted, with what holds it and what it says itself', async () => {
  const held = { metadata: { finalizers: ['example.com/a', 'example.com/b'] } };
  const waits = { type: 'Unregistered', status: 'False', message: 'drafts are not in Git' };
  await put('repositories', 'one', { ...held, status: { conditions: [waits] } });
  await put('repositories', 'two', { metadata: { finalizers: ['example.com/a'] } });
  await put('secrets', 'password');
  await put('secrets', 'password', held, 'other');
  const { resources, finalizers, reasons } = contents().remaining('ns');
  expect(Object.fromEntries(resources)).toEqual({ 'repositories.config.porch.kpt.dev': 2, secrets: 1 });
  expect(Object.fromEntries(finalizers)).toEqual({ 'example.com/a': 2, 'example.com/b': 1 });
  expect(reasons).toEqual(['Repository one: drafts are not in Git']);
});

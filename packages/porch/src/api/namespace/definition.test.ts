import { afterEach, beforeEach, expect, test } from 'vitest';
import { namespaceFinalizer, namespaces, secrets } from '../../resources/group.ts';
import type { Namespace } from '../../resources/namespace.ts';
import type { Secret } from '../../resources/secret.ts';
import { requestContext } from '../request-context.test-support.ts';
import { secretDefinition } from '../secret/definition.ts';
import { openStoredResources, type StoredResources } from '../stored-resources.test-support.ts';
import { namespaceDefinition } from './definition.ts';
import { NamespaceGate } from './gate.ts';

const write = { dryRun: false, fieldManager: 'test' };
const cluster = requestContext('');

let resources: StoredResources;
let definitions: ReturnType<typeof build>;

function build(opened: StoredResources) {
  const gate = new NamespaceGate((name) => {
    const served = opened.cache.get({ resource: namespaces, namespace: '', name });
    if (served === undefined) return undefined;
    return served.decode().metadata.deletionTimestamp === undefined ? 'active' : 'terminating';
  });
  return {
    namespace: namespaceDefinition({
      stored: opened.storage<Namespace>({ group: '', plural: 'namespaces', kind: 'Namespace', namespaced: false }),
    }),
    secret: secretDefinition({
      gate,
      stored: opened.storage<Secret>({ group: '', plural: 'secrets', kind: 'Secret', namespaced: true }),
    }),
  };
}

beforeEach(async () => {
  resources = await openStoredResources(
    new Map([
      [namespaces, {}],
      [secrets, {}],
    ]),
  );
  definitions = build(resources);
});

afterEach(() => resources.close());

const createNamespace = (name: string): Promise<Namespace> => create({ name });

async function create(metadata: Namespace['metadata']): Promise<Namespace> {
  const { strategy, storage } = definitions.namespace;
  const object: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata };
  strategy.prepareForCreate?.(cluster, object);
  strategy.canonicalize?.(object);
  const created = await storage.create?.(cluster, object, write);
  if (created === undefined) throw new Error('namespaces cannot be created');
  return created.object.decode<Namespace>();
}

const createSecret = async (namespace: string) =>
  definitions.secret.storage.create?.(
    requestContext(namespace),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace }, type: 'Opaque' },
    write,
  );

test('a namespace is active and labelled with its name', async () => {
  expect(await createNamespace('team-a')).toMatchObject({
    metadata: { labels: { 'kubernetes.io/metadata.name': 'team-a' } },
    status: { phase: 'Active' },
  });
});

test('a namespace is labelled with its name also when the server makes that', async () => {
  const { name = '', labels } = (await create({ generateName: 'team-' })).metadata;
  expect(name).toMatch(/^team-[a-z0-9]{5}$/);
  expect(labels).toEqual({ 'kubernetes.io/metadata.name': name });
});

test('names of namespaces are DNS labels', () => {
  const { nameErrors } = definitions.namespace;
  expect(nameErrors?.('team-a')).toEqual([]);
  for (const name of ['team.a', 'Team', 'a'.repeat(64)]) expect(nameErrors?.(name)).toHaveLength(1);
});

test('a namespace that is deleted waits until the server has emptied it, and takes nothing new', async () => {
  await createNamespace('team-a');
  await createSecret('team-a');
  const deleted = await definitions.namespace.storage.delete?.(cluster, 'team-a', write);
  expect(deleted?.pending).toBe(true);
  expect(deleted?.object.decode<Namespace>().metadata.finalizers).toEqual([namespaceFinalizer]);
  await expect(createSecret('team-a')).rejects.toMatchObject({ code: 403, reason: 'Forbidden' });
  await expect(createSecret('team-b')).rejects.toMatchObject({ code: 404, message: 'namespaces "team-b" not found' });
});

test('nobody but the server lets go of a namespace', async () => {
  const old = await createNamespace('team-a');
  const object = structuredClone(old);
  delete object.metadata.finalizers;
  definitions.namespace.strategy.prepareForUpdate?.(cluster, object, old);
  expect(object.metadata.finalizers).toEqual([namespaceFinalizer]);
});

test('the default namespace stays', async () => {
  await createNamespace('default');
  const remove = async () => definitions.namespace.storage.delete?.(cluster, 'default', write);
  await expect(remove()).rejects.toMatchObject({
    code: 403,
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  });
});

test('namespaces are not deleted in bulk', () => {
  expect(definitions.namespace.storage).not.toHaveProperty('deleteCollection');
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { namespaces, secrets } from '../../resources/group.ts';
import type { Namespace } from '../../resources/namespace.ts';
import type { Secret } from '../../resources/secret.ts';
import { requestContext } from '../request-context.test-support.ts';
import { secretDefinition } from '../secret/definition.ts';
import { openStoredResources, type StoredResources } from '../stored-resources.test-support.ts';
import { namespaceContents } from './contents.ts';
import { namespaceDefinition } from './definition.ts';
import { NamespaceGate } from './gate.ts';

const write = { dryRun: false, fieldManager: 'test' };
const cluster = requestContext('');

let resources: StoredResources;
let definitions: ReturnType<typeof build>;

function build(opened: StoredResources) {
  const gate = new NamespaceGate(namespaceContents(opened.cache, [secrets]));
  return {
    namespace: namespaceDefinition({
      gate,
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

async function createNamespace(name: string): Promise<Namespace> {
  const { strategy, storage } = definitions.namespace;
  const object: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
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

test('a namespace goes when it is empty, and no sooner', async () => {
  await createNamespace('team-a');
  await createSecret('team-a');
  const remove = async () => definitions.namespace.storage.delete?.(cluster, 'team-a', write);
  await expect(remove()).rejects.toMatchObject({
    code: 409,
    message: expect.stringContaining('it still has 1 secrets'),
  });
  await definitions.secret.storage.delete?.(requestContext('team-a'), 's', write);
  await remove();
  await expect(remove()).rejects.toMatchObject({ code: 404 });
  await expect(createSecret('team-a')).rejects.toMatchObject({ code: 404, message: 'namespaces "team-a" not found' });
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

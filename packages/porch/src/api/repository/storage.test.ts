import type { RequestContext, ResourceStorage } from '@porch/apiserver';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repositories, repositoryFinalizer } from '../../resources/group.ts';
import type { Repository, RepositorySpec } from '../../resources/repository.ts';
import { NamespaceGate } from '../namespace/gate.ts';
import { requestContext } from '../request-context.test-support.ts';
import { openStoredResources, type StoredResources } from '../stored-resources.test-support.ts';
import { repositorySelectors } from './selectors.ts';
import { repositoryStorage } from './storage.ts';

const write = { dryRun: false, fieldManager: 'test' };
const url = 'https://git.example/a.git';

let resources: StoredResources;
let storage: Required<ResourceStorage<Repository>>;

beforeEach(async () => {
  const of = (object: object) => repositorySelectors.of(object as Repository);
  resources = await openStoredResources(new Map([[repositories, { selectableFields: { of } }]]));
  storage = repositoryStorage({
    gate: new NamespaceGate((namespace) => (namespace === 'missing' ? undefined : 'active')),
    registered: () => registered(),
    watchRegistered: (listener) =>
      resources.cache.watch(repositories, resources.cache.list(repositories).revision, listener),
    stored: resources.storage({
      group: 'config.porch.kpt.dev',
      plural: 'repositories',
      kind: 'Repository',
      namespaced: true,
      hasGeneration: true,
    }),
  });
});

afterEach(() => resources.close());

function repository(name: string, git: Partial<NonNullable<RepositorySpec['git']>>, namespace = 'default'): Repository {
  return {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { name, namespace },
    spec: { type: 'git', git: { repo: url, branch: 'main', ...git } },
  };
}

function registered(): readonly Repository[] {
  return resources.cache.list(repositories).items.map((served) => served.decode<Repository>());
}

function register(object: Repository, context: RequestContext = requestContext(object.metadata.namespace)) {
  return storage.create(context, object, write);
}

function conflictWith(name: string) {
  return expect.objectContaining({
    code: 400,
    reason: 'Invalid',
    message: expect.stringContaining(`spec.git: Forbidden: Repository conflict with existing repository: ${name}`),
  });
}

describe('registrations of one branch', () => {
  test.each([
    ['the same directory', '/x/', 'x', 'default'],
    ['the root and a directory', '/', 'x', 'default'],
    ['a directory and the root of another namespace', 'x', '', 'other'],
    ['nested directories', 'x', 'x/y', 'default'],
    ['nested directories of two namespaces', 'x/y', 'x', 'other'],
  ])('conflict for %s', async (_what, first, second, namespace) => {
    await register(repository('one', { directory: first }));
    await expect(
      register(repository('two', { directory: second, repo: 'https://GIT.example/a' }, namespace)),
    ).rejects.toEqual(conflictWith('default/one'));
  });

  test('do not conflict for separate directories, other branches, or the same directory in another namespace', async () => {
    await register(repository('one', { directory: 'x' }));
    await register(repository('two', { directory: 'xy' }));
    await register(repository('three', { branch: 'other' }));
    await register(repository('one', { directory: 'x' }, 'other'));
    expect(resources.cache.list(repositories).items).toHaveLength(4);
  });

  test('conflict also when they come at the same time', async () => {
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => register(repository(name, {}))));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  });
});

describe('beside one that is being unregistered', () => {
  beforeEach(async () => {
    const first = repository('one', {});
    await register({ ...first, metadata: { ...first.metadata, finalizers: [repositoryFinalizer] } });
    await storage.delete(requestContext('default'), 'one', write);
  });

  const change = (fields: (object: Repository) => Partial<Repository>) =>
    storage.update(
      requestContext('default'),
      'one',
      (current) => {
        if (current === undefined) throw new Error('it is gone');
        const { resourceVersion: _, ...metadata } = current.metadata;
        const object = { ...current, metadata };
        return { ...object, ...fields(object) };
      },
      write,
    );
  const finalizers = (kept: readonly string[]) =>
    change(({ metadata }) => ({ metadata: { ...metadata, finalizers: [...kept] } }));
  const uidOf = (wanted: string) => registered().find(({ metadata }) => metadata.name === wanted)?.metadata.uid;

  test.each(['one', 'two'])('a registration (%s) of what it had waits until it is gone', async (name) => {
    const before = uidOf('one');
    const order: string[] = [];
    const registered = register(repository(name, {})).then(() => order.push('registered'));
    // Whatever else is registered meanwhile waits for nobody.
    await register(repository('other', { branch: 'other' }));
    order.push('gone');
    await finalizers([]);
    await registered;
    expect(order).toEqual(['gone', 'registered']);
    expect(uidOf(name)).not.toBe(before);
  });

  test('a registration is refused at once where somebody else holds it', async () => {
    await finalizers([repositoryFinalizer, 'example.com/audit']);
    await expect(register(repository('one', {}))).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
  });

  test('a registration is refused at once where drafts hold it that are not in Git', async () => {
    const condition = { type: 'Unregistered', status: 'False', reason: 'DraftsNotMirrored', message: 'it waits' };
    await change(() => ({ status: { conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }] } }));
    await expect(register(repository('one', {}))).rejects.toMatchObject({ code: 409, reason: 'AlreadyExists' });
    await expect(register(repository('two', {}))).rejects.toEqual(conflictWith('default/one'));
  });

  test('a registration that is given up waits no longer', async () => {
    const controller = new AbortController();
    const context = { ...requestContext('default'), signal: controller.signal };
    const registered = register(repository('one', {}), context);
    controller.abort(new Error('gone'));
    await expect(registered).rejects.toThrow('gone');
  });
});

test('nothing is registered in a namespace that does not exist', async () => {
  await expect(register(repository('one', {}, 'missing'))).rejects.toMatchObject({
    code: 404,
    message: 'namespaces "missing" not found',
  });
});

describe('a Secret that is named', () => {
  const named = repository('one', { secretRef: { name: 'credentials' } });

  test('must be one that the user may read', async () => {
    const stranger = requestContext('default', () => false);
    await expect(register(named, stranger)).rejects.toMatchObject({
      code: 403,
      message: expect.stringContaining(
        'spec.git.secretRef names the Secret "credentials", which user "alice" may not get',
      ),
    });
    expect(stranger.reviews).toEqual(['get secrets default/credentials']);
    await register(named);
  });

  test('is looked at again only when it changes', async () => {
    await register(named);
    const stranger = requestContext('default', () => false);
    const change = (description: string, secret: string) => (current: Repository | undefined) => {
      const object = structuredClone(current ?? named);
      object.spec.description = description;
      if (object.spec.git !== undefined) object.spec.git.secretRef = { name: secret };
      return object;
    };
    await storage.update(stranger, 'one', change('new', 'credentials'), write);
    await expect(storage.update(stranger, 'one', change('newer', 'other'), write)).rejects.toMatchObject({ code: 403 });
    const stored = await storage.get(stranger, 'one');
    expect(stored.decode<Repository>().spec.description).toBe('new');
  });
});

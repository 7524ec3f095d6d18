import { type ServedObject, StatusError, statusErrors } from '@porch/apiserver';
import { describe, expect, it, test } from 'vitest';
import type { Engine } from '../../engine/types.ts';
import type { PackageRevision } from '../../resources/package-revision.ts';
import { NamespaceGate } from '../namespace/gate.ts';
import { requestContext } from '../request-context.test-support.ts';
import { packageRevisionStorage } from './storage.ts';
import type { ClusterCollection } from './without-owners.ts';

const write = { dryRun: false, fieldManager: 'test' };
const resource = { group: 'porch.kpt.dev', resource: 'packagerevisions' };

function served(name: string): ServedObject {
  const key = { resource: 'packagerevisions.porch.kpt.dev', namespace: 'default', name };
  return { key } as ServedObject;
}

/** An engine that keeps names only: which calls reach it is all that is asked of it here. */
function engineOf(
  names: readonly string[],
  refuse: (name: string) => StatusError | undefined = () => undefined,
  collection?: ClusterCollection,
  object: PackageRevision = clone,
) {
  const calls: string[] = [];
  const reads = {
    get: (_context: unknown, name: string) => ({ ...served(name), decode: () => object }) as ServedObject,
    list: () => ({ revision: 9, items: names.map(served) }),
    watch: () => undefined,
  };
  const engine: Engine = {
    objectCache: () => ({
      packageRevisions: reads,
      packageRevisionResources: reads,
      packages: reads,
      packageRevs: reads,
    }),
    async createPackageRevision(_context, object) {
      calls.push(`create ${object.metadata.name}`);
      return { object: served(object.metadata.name ?? ''), created: true };
    },
    async updatePackageRevision(_context, name, update) {
      await update(structuredClone(object));
      return { object: served(name), created: false };
    },
    async deletePackageRevision(_context, name) {
      const error = refuse(name);
      if (error !== undefined) throw error;
      calls.push(`delete ${name}`);
      return { object: served(name), pending: false };
    },
    updatePackageResources: async (_context, name) => ({ object: served(name), created: false }),
  };
  const gate = new NamespaceGate((namespace) => (namespace === 'default' ? 'active' : undefined));
  return { calls, storage: packageRevisionStorage(engine, gate, collection) };
}

const clone: PackageRevision = {
  apiVersion: 'porch.kpt.dev/v1alpha1',
  kind: 'PackageRevision',
  metadata: { name: 'r.p.v1', namespace: 'default' },
  spec: {
    tasks: [
      {
        type: 'clone',
        clone: { upstreamRef: { git: { repo: 'https://x/y', ref: 'main', directory: '', secretRef: { name: 's' } } } },
      },
    ],
  },
  status: {},
};

test('creating needs the namespace, and access to the Secret that a task names', async () => {
  const { calls, storage } = engineOf([]);
  await expect(storage.create(requestContext('missing'), clone, write)).rejects.toMatchObject({ code: 404 });
  const stranger = requestContext('default', () => false);
  await expect(storage.create(stranger, clone, write)).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('spec.tasks[0].clone.upstreamRef.git.secretRef names the Secret "s"'),
  });
  expect(calls).toEqual([]);
  await storage.create(requestContext(), clone, write);
  expect(calls).toEqual(['create r.p.v1']);
});

test('updating needs access to the Secret of a task that is added, not to that of the task that is there', async () => {
  const { storage } = engineOf([]);
  const stranger = requestContext('default', () => false);
  const [task] = clone.spec.tasks ?? [];
  const old = structuredClone(clone);
  const same = (current: PackageRevision | undefined) => current ?? old;
  await expect(storage.update(stranger, 'a', same, write)).resolves.toBeDefined();
  const added = () => ({ ...old, spec: { tasks: [...(old.spec.tasks ?? []), ...(task === undefined ? [] : [task])] } });
  await expect(storage.update(stranger, 'a', added, write)).rejects.toMatchObject({
    code: 403,
    message: expect.stringContaining('spec.tasks[1].clone.upstreamRef.git.secretRef names the Secret "s"'),
  });
  await expect(storage.update(requestContext(), 'a', added, write)).resolves.toBeDefined();
});

test('deleting many skips those that are gone, and stops at a refusal', async () => {
  const list = { limit: 0 };
  const gone = engineOf(['a', 'b', 'c'], (name) => (name === 'b' ? statusErrors.notFound(resource, name) : undefined));
  const deleted = await gone.storage.deleteCollection(requestContext(), list, write);
  expect(deleted.items).toEqual([served('a'), served('c')]);
  const published = engineOf(['a', 'b', 'c'], (name) =>
    name === 'b' ? statusErrors.forbidden(resource, name, 'published') : undefined,
  );
  await expect(published.storage.deleteCollection(requestContext(), list, write)).rejects.toBeInstanceOf(StatusError);
  expect(published.calls).toEqual(['delete a']);
});

test('deleting many ends when nobody waits for it any more', async () => {
  const controller = new AbortController();
  const { calls, storage } = engineOf(['a', 'b', 'c'], (name) => {
    if (name === 'b') controller.abort(new Error('the client is gone'));
    return undefined;
  });
  const context = { ...requestContext(), signal: controller.signal };
  await expect(storage.deleteCollection(context, { limit: 0 }, write)).rejects.toThrow('the client is gone');
  expect(calls).toEqual(['delete a', 'delete b']);
});

describe('the garbage collector of a cluster', () => {
  const collected = { ...write, preconditions: { uid: 'u' }, propagationPolicy: 'Background' } as const;
  const collector = 'system:serviceaccount:kube-system:generic-garbage-collector';
  const by = (name: string) => ({ ...requestContext(), user: { name, groups: [] } });
  const inLifecycle = (lifecycle: PackageRevision['spec']['lifecycle'], terminating = false) => {
    const kept: string[] = [];
    const object: PackageRevision = { ...clone, metadata: { ...clone.metadata, uid: 'u' }, spec: { lifecycle } };
    const collection: ClusterCollection = {
      isTerminating: () => terminating,
      kept: ({ metadata }, message) => kept.push(`${metadata.name}: ${message}`),
    };
    return { kept, object, ...engineOf([], undefined, collection, object) };
  };

  it.each([
    ['Published', collector],
    ['DeletionProposed', collector],
    ['DeletionProposed', 'system:kube-controller-manager'],
  ] as const)('does not get one that is %s, as %s', async (lifecycle, user) => {
    const { calls, kept, object, storage } = inLifecycle(lifecycle);
    const message = expect.stringContaining(
      'its owners are gone: a published package revision is deleted on request only',
    );
    await expect(storage.delete(by(user), 'r.p.v1', collected)).rejects.toMatchObject({ code: 403, message });
    await expect(storage.delete(by(user), 'r.p.v1', collected)).rejects.toMatchObject({ code: 403, message });
    expect([calls, kept]).toEqual([[], [expect.stringMatching(/^r\.p\.v1: its owners are gone/)]]);
    object.metadata.resourceVersion = '10';
    await expect(storage.delete(by(user), 'r.p.v1', collected)).rejects.toMatchObject({ code: 403, message });
    expect(kept).toHaveLength(2);
  });

  it.each([
    ['a draft', 'Draft', collector, false],
    ['a proposal', 'Proposed', collector, false],
    ['what is unregistered with its namespace', 'DeletionProposed', collector, true],
    ['what others ask for', 'DeletionProposed', 'alice', false],
  ] as const)('is no reason to keep %s', async (_, lifecycle, user, terminating) => {
    const { calls, kept, storage } = inLifecycle(lifecycle, terminating);
    await storage.delete(by(user), 'r.p.v1', collected);
    expect([calls, kept]).toEqual([['delete r.p.v1'], []]);
  });

  it('is not who asks under the name of all controllers, without saying which object is meant', async () => {
    const { calls, storage } = inLifecycle('DeletionProposed');
    await storage.delete(by('system:kube-controller-manager'), 'r.p.v1', write);
    expect(calls).toEqual(['delete r.p.v1']);
  });
});

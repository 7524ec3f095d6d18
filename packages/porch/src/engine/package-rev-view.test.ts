import { parseLabelSelector, type ServedEvent, type ServedObject } from '@porch/apiserver';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PackageRev } from '../resources/package-rev.ts';
import { startTrial, type Trial } from './trial.test-support.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await startTrial('off');
  for (const name of ['r', 'r2']) await trial.addRepository(name);
  await trial.create('r', 'a/b', 'w');
  await trial.create('r2', 'p', 'w');
  await trial.update('r.a.b.w', ({ metadata }) => {
    metadata.labels = { team: 'one' };
    metadata.annotations = { note: 'kept' };
    metadata.finalizers = ['example.com/mine'];
    metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'u' }];
  });
});
afterAll(() => trial?.close());

const reads = () => trial.engine.objectCache().packageRevs;

async function names(selector: string): Promise<string[]> {
  const page = await reads().list(trial.context, {
    namespace: 'default',
    limit: 0,
    labels: parseLabelSelector(selector),
  });
  const found: ServedObject[] = [];
  for await (const item of page.items) found.push(item);
  return found.map(({ key }) => key.name);
}

test('a record has the metadata that users gave, and what existing tools look for', async () => {
  const revision = trial.get('r.a.b.w');
  const record = (await reads().get(trial.context, 'r.a.b.w')).decode<PackageRev>();
  expect(record).toEqual({
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'PackageRev',
    metadata: {
      name: 'r.a.b.w',
      namespace: 'default',
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: revision?.metadata.resourceVersion,
      creationTimestamp: revision?.metadata.creationTimestamp,
      labels: { team: 'one', 'internal.porch.kpt.dev/repository': 'r' },
      annotations: { note: 'kept' },
      finalizers: ['internal.porch.kpt.dev/packagerevision', 'example.com/mine'],
      ownerReferences: [
        {
          apiVersion: 'porch.kpt.dev/v1alpha1',
          kind: 'PackageRevision',
          name: 'r.a.b.w',
          uid: revision?.metadata.uid,
        },
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'u' },
      ],
    },
    spec: {},
    status: {},
  });
  expect(record.metadata.uid).not.toBe(revision?.metadata.uid);
  await expect(reads().get(trial.context, 'r.nothing.w')).rejects.toThrow(
    'packagerevs.config.porch.kpt.dev "r.nothing.w" not found',
  );
});

test.each([
  ['internal.porch.kpt.dev/repository=r', ['r.a.b.w']],
  ['internal.porch.kpt.dev/repository in (r2,other)', ['r2.p.w']],
  ['internal.porch.kpt.dev/repository!=r', ['r2.p.w']],
  ['internal.porch.kpt.dev/repository,team=one', ['r.a.b.w']],
  ['internal.porch.kpt.dev/repository=r2,team=one', []],
  ['team=one', ['r.a.b.w']],
  ['', ['r.a.b.w', 'r2.p.w']],
])('selected by %s', async (selector, expected) => {
  expect(await names(selector)).toEqual(expected);
});

test('a watch follows package revisions into and out of its selection', async () => {
  const events: string[] = [];
  const labels = parseLabelSelector('internal.porch.kpt.dev/repository=r,team');
  const sink = {
    event: ({ type, object }: ServedEvent) => void events.push(`${type} ${object.decode().kind} ${object.key.name}`),
    initialDone: () => undefined,
    progress: () => undefined,
    fail: (error: Error) => void events.push(error.message),
  };
  await reads().watch(trial.context, { namespace: 'default', labels, start: { initial: true } }, sink);
  await trial.update('r2.p.w', ({ metadata }) => {
    metadata.labels = { team: 'two' };
  });
  await trial.update('r.a.b.w', ({ metadata }) => {
    metadata.labels = {};
  });
  await vi.waitFor(() => expect(events).toEqual(['ADDED PackageRev r.a.b.w', 'DELETED PackageRev r.a.b.w']), {
    timeout: 60_000,
  });
});

test('all who read a record share what was made of it', async () => {
  const objects: ServedObject[] = [];
  const watch = async (): Promise<void> => {
    const sink = {
      event: ({ object }: ServedEvent) => void objects.push(object),
      initialDone: () => undefined,
      progress: () => undefined,
      fail: (error: Error) => expect.fail(error.message),
    };
    await reads().watch(trial.context, { namespace: 'default', start: { initial: true } }, sink);
  };
  await watch();
  const first = objects.splice(0);
  await watch();
  expect(objects).toHaveLength(2);
  for (const [index, object] of objects.entries()) expect(object).toBe(first[index]);
  expect(await reads().get(trial.context, 'r2.p.w')).toBe(first[1]);
});

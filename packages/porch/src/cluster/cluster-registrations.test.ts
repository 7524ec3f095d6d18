import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Repository } from '../resources/repository.ts';
import { type ClusterRegistrations, followRegistrations } from './cluster-registrations.ts';
import {
  type Answer,
  type Asked,
  refused,
  type ScriptedCluster,
  scriptedCluster,
} from './scripted-cluster.test-support.ts';

const path = '/apis/config.porch.kpt.dev/v1alpha1/namespaces/team/repositories/packages';
const finalizer = 'config.porch.kpt.dev/repository';

let cluster: ScriptedCluster;
let registrations: ClusterRegistrations;
/** What the cluster has. */
let object: Repository;
/** What it answers to writes and to reads of the one object, in order. */
let answers: ((asked: Asked) => Answer)[];
/** What whoever watches is told; nothing can be watched while there is none. */
let news: object | undefined;

function answer(asked: Asked): Answer {
  if (asked.query['watch'] !== undefined) {
    return news === undefined ? refused(503) : { body: `${JSON.stringify(news)}\n` };
  }
  if (asked.path.endsWith('/repositories')) {
    const { apiVersion: _, kind: __, ...item } = object;
    return { body: { metadata: { resourceVersion: '5' }, items: [item] } };
  }
  return answers.shift()?.(asked) ?? refused(500, 'nothing more to say');
}

beforeEach(async () => {
  const metadata = { namespace: 'team', name: 'packages', uid: 'u', resourceVersion: '5', finalizers: [finalizer] };
  const spec = { git: { repo: 'https://example.com/r.git' }, sync: { runOnceAt: '2026-01-01T00:00:00Z' } };
  object = { apiVersion: 'config.porch.kpt.dev/v1alpha1', kind: 'Repository', metadata, spec };
  [answers, news] = [[], undefined];
  cluster = await scriptedCluster(answer);
  const logger = pino({ level: 'silent' });
  registrations = await followRegistrations({ client: cluster.client, logger, random: () => 0 });
});
afterEach(async () => {
  await registrations.close();
  await cluster.close();
});

const writes = (): Asked[] => cluster.asked.filter(({ method }) => method !== 'GET');
const changed = (version: string, change: Partial<Repository> = {}): Answer => ({
  body: { ...object, ...change, metadata: { ...object.metadata, ...change.metadata, resourceVersion: version } },
});

describe('an update', () => {
  test('of the spec and the status changes one on condition, and the other for this very object', async () => {
    answers.push(
      () => changed('6', { spec: { ...object.spec, sync: {} } }),
      () => changed('7'),
    );
    const done = await registrations.update('team', 'packages', (current) => ({
      ...current,
      spec: { ...current.spec, sync: {} },
      status: { packageCount: 3 },
    }));
    expect(done).toBe(true);
    expect(writes()).toMatchObject([
      {
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid: 'u', resourceVersion: '5' }, spec: { sync: { runOnceAt: null } } },
      },
      {
        method: 'PATCH',
        path: `${path}/status`,
        contentType: 'application/apply-patch+yaml',
        query: { force: 'true' },
        body: { metadata: { name: 'packages', uid: 'u' }, status: { packageCount: 3 } },
      },
    ]);
    expect(writes()[0]?.body['metadata']).toEqual({ uid: 'u', resourceVersion: '5' });
  });

  test('counts as soon as it is answered', async () => {
    answers.push((asked) => changed('6', { status: asked.body['status'] as object }));
    await registrations.update('team', 'packages', (current) => ({ ...current, status: { packageCount: 3 } }));
    expect(registrations.get('team', 'packages')?.status?.packageCount).toBe(3);
  });

  test('counts as soon as it is answered, also where it is the first of two', async () => {
    answers.push(
      () => changed('6', { metadata: { ...object.metadata, finalizers: [] } }),
      () => refused(403),
    );
    const update = registrations.update('team', 'packages', (current) => ({
      ...current,
      metadata: { ...current.metadata, finalizers: [] },
      status: { packageCount: 3 },
    }));
    await expect(update).rejects.toMatchObject({ code: 403 });
    expect(registrations.get('team', 'packages')?.metadata.finalizers).toEqual([]);
  });

  test('that changes nothing writes nothing', async () => {
    expect(await registrations.update('team', 'packages', () => undefined)).toBe(true);
    expect(await registrations.update('team', 'packages', (current) => ({ ...current }))).toBe(true);
    expect(writes()).toEqual([]);
  });

  test('that somebody else was quicker than is made again, on what there is now', async () => {
    const labels = { now: 'there' };
    answers.push(
      () => refused(409),
      () => changed('8', { metadata: { ...object.metadata, labels } }),
      () => changed('9'),
    );
    const seen: unknown[] = [];
    await registrations.update('team', 'packages', (current) => {
      seen.push(current.metadata.labels);
      const status = current.metadata.labels === undefined ? { packageCount: 1 } : { packageCount: 2 };
      return { ...current, status };
    });
    expect(seen).toEqual([undefined, labels]);
    expect(writes().map(({ body }) => body['status'])).toEqual([{ packageCount: 1 }, { packageCount: 2 }]);
  });

  test('of what is gone says so', async () => {
    const change = (current: Repository): Repository => ({ ...current, status: { packageCount: 1 } });
    answers.push(() => refused(404));
    expect(await registrations.update('team', 'packages', change)).toBe(false);
    answers.push(
      () => refused(409),
      () => refused(404),
    );
    expect(await registrations.update('team', 'packages', change)).toBe(false);
    expect(await registrations.update('team', 'unknown', change)).toBe(false);
  });

  test('that the cluster refuses for another reason fails', async () => {
    answers.push(() => refused(403));
    const update = registrations.update('team', 'packages', (current) => ({ ...current, status: { packageCount: 1 } }));
    await expect(update).rejects.toMatchObject({ name: 'ClusterError', code: 403 });
  });

  test('does not change what others read before it is written', async () => {
    answers.push(() => refused(403));
    const update = registrations.update('team', 'packages', (current) => {
      current.metadata.annotations = { changed: 'in place' };
      return { ...current, status: { packageCount: 1 } };
    });
    await expect(update).rejects.toMatchObject({ code: 403 });
    expect(registrations.get('team', 'packages')?.metadata.annotations).toBeUndefined();
  });

  test('that takes away the last finalizer of what is being deleted writes no status: there is none any more', async () => {
    const deletionTimestamp = '2026-01-02T00:00:00Z';
    object = { ...object, metadata: { ...object.metadata, resourceVersion: '6', deletionTimestamp } };
    await registrations.close();
    registrations = await followRegistrations({
      ...{ client: cluster.client, logger: pino({ level: 'silent' }), random: () => 0 },
    });
    answers.push(() => changed('7', { metadata: { ...object.metadata, finalizers: [] } }));
    const done = await registrations.update('team', 'packages', (current) => ({
      ...current,
      metadata: { ...current.metadata, finalizers: [] },
      status: { packageCount: 0 },
    }));
    expect(done).toBe(false);
    expect(writes()).toMatchObject([{ path, body: { metadata: { finalizers: [] } } }]);
  });
});

test('what is followed is told of with what lists and events leave out', async () => {
  const told: unknown[] = [];
  registrations.watch((event) => told.push(event));
  const complete = { apiVersion: 'config.porch.kpt.dev/v1alpha1', kind: 'Repository', spec: { type: 'git' } };
  expect(told).toMatchObject([{ type: 'CHANGED', object: complete }]);
  expect([registrations.get('team', 'packages'), ...registrations.list()]).toMatchObject([complete, complete]);
  const { apiVersion: _, kind: __, ...rest } = object;
  news = { type: 'DELETED', object: { ...rest, metadata: { ...object.metadata, resourceVersion: '6' } } };
  await vi.waitUntil(() => told.length === 2, { timeout: 30_000 });
  expect(told[1]).toMatchObject({ type: 'REMOVED', object: complete });
});

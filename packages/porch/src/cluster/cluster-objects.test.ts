import type { KubernetesObject } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FunctionConfig } from '../resources/function-config.ts';
import { awaitedSecrets } from './awaited-secrets.ts';
import { followFunctionConfigs } from './cluster-function-configs.ts';
import { followNamespaces } from './cluster-namespaces.ts';
import { ClusterEventRecorder } from './event-recorder.ts';
import {
  type Answer,
  type Asked,
  refused,
  type ScriptedCluster,
  scriptedCluster,
} from './scripted-cluster.test-support.ts';

let cluster: ScriptedCluster;
/** What the cluster has. */
let items: KubernetesObject[];
let answer: (asked: Asked) => Answer;
const options = { logger: pino({ level: 'silent' }), random: () => 0 };

beforeEach(async () => {
  [items, answer] = [[], () => refused(500)];
  cluster = await scriptedCluster((asked) => {
    if (asked.query['watch'] !== undefined) return refused(503);
    if (asked.query['limit'] !== undefined) return { body: { metadata: { resourceVersion: '5' }, items } };
    return answer(asked);
  });
});
afterEach(() => cluster.close());

describe('namespaces', () => {
  const namespace = (name: string, deletionTimestamp?: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, resourceVersion: '1', ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
  });

  test('are known, and those that are not are asked for', async () => {
    items = [namespace('active'), namespace('going', '2026-01-01T00:00:00Z')];
    const namespaces = await followNamespaces(cluster.client, options);
    expect(['active', 'going', 'new'].map((name) => namespaces.stateOf(name))).toEqual([
      'active',
      'terminating',
      undefined,
    ]);
    answer = ({ path }) => (path === '/api/v1/namespaces/new' ? { body: namespace('new') } : refused(404));
    expect(await namespaces.lookUp('new')).toBe('active');
    expect(await namespaces.lookUp('nowhere')).toBeUndefined();
    answer = () => refused(503);
    await expect(namespaces.lookUp('new')).rejects.toMatchObject({ code: 503 });
    await namespaces.close();
  });

  test('tell the cluster from others, where there is a kube-system', async () => {
    const ours = await followNamespaces(cluster.client, options);
    expect(ours.identity()).toBeUndefined();
    await ours.close();
    const system = namespace('kube-system');
    items = [namespace('other'), { ...system, metadata: { ...system.metadata, uid: 'one-of-many' } }];
    const theirs = await followNamespaces(cluster.client, options);
    expect(theirs.identity()).toBe('one-of-many');
    await theirs.close();
  });
});

describe('FunctionConfigs', () => {
  const config = (namespace: string, name: string): FunctionConfig => ({
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'FunctionConfig',
    metadata: { namespace, name, uid: 'u', resourceVersion: '5' },
    spec: { image: name },
  });

  test('are those of a namespace, and their status is written for the very object, beside what others say', async () => {
    items = [config('team', 'set-labels'), config('other', 'set-labels')];
    const configs = await followFunctionConfigs(cluster.client, options);
    expect(configs.list('team')).toEqual([config('team', 'set-labels')]);
    const status = { apiServerObservedGeneration: 3 };
    answer = (asked) => ({
      body: {
        ...config('team', 'set-labels'),
        metadata: { ...config('team', 'set-labels').metadata, resourceVersion: '6' },
        status: asked.body['status'],
      },
    });
    await configs.writeStatus(config('team', 'set-labels'), { ...status, error: 'no such tag' });
    expect(cluster.asked.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/apis/config.porch.kpt.dev/v1alpha1/namespaces/team/functionconfigs/set-labels/status',
      contentType: 'application/apply-patch+yaml',
      body: { metadata: { name: 'set-labels', uid: 'u' }, status: { ...status, error: 'no such tag' } },
    });
    expect(configs.get('team', 'set-labels')?.status).toEqual({ ...status, error: 'no such tag' });
    // Of one that is gone, or was made anew, there is nothing to say.
    for (const code of [404, 409]) {
      answer = () => refused(code);
      await configs.writeStatus(config('team', 'set-labels'), status);
    }
    answer = () => refused(403);
    await expect(configs.writeStatus(config('team', 'set-labels'), status)).rejects.toMatchObject({ code: 403 });
    await configs.close();
  });
});

describe('Events', () => {
  const about: KubernetesObject = {
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { namespace: 'team', name: 'packages', uid: 'u', resourceVersion: '7' },
  };
  const event = { type: 'Warning', reason: 'SyncFailed', message: 'it is away' } as const;
  const recorder = () =>
    new ClusterEventRecorder({
      ...{ client: cluster.client, component: 'porch', instance: 'one', logger: options.logger },
      clock: () => new Date('2026-01-02T03:04:05Z'),
    });

  test('are made once for each thing that is said of an object, and counted when it is said again', async () => {
    const said = recorder();
    answer = ({ method }) => (method === 'POST' ? { code: 201, body: {} } : refused(500));
    const other = { ...about, metadata: { ...about.metadata, uid: 'v' } };
    for (const [object, what] of [
      [about, event],
      [about, { ...event, message: 'it is slow' }],
      [other, event],
    ] as const) {
      said.record(object, what);
      await said.close();
    }
    const names = cluster.asked.map(({ body }) => (body['metadata'] as { name: string }).name);
    expect(new Set(names).size).toBe(3);
    expect(cluster.asked[0]).toMatchObject({
      path: '/api/v1/namespaces/team/events',
      body: {
        involvedObject: { kind: 'Repository', namespace: 'team', name: 'packages', uid: 'u', resourceVersion: '7' },
        ...event,
        source: { component: 'porch' },
        firstTimestamp: '2026-01-02T03:04:05Z',
        count: 1,
      },
    });
    answer = ({ method }) => (method === 'POST' ? refused(409) : { body: { count: 4 } });
    said.record(about, event);
    await said.close();
    const path = `/api/v1/namespaces/team/events/${names[0]}`;
    expect(cluster.asked.slice(-2)).toMatchObject([
      { method: 'PATCH', path, body: { lastTimestamp: '2026-01-02T03:04:05Z' } },
      { method: 'PATCH', path, body: { count: 5 } },
    ]);
  });

  test('say no more than an Event may', async () => {
    const said = recorder();
    answer = () => ({ code: 201, body: {} });
    said.record(about, { ...event, message: 'x'.repeat(2000) });
    await said.close();
    expect(cluster.asked[0]?.body['message']).toBe('x'.repeat(1024));
  });

  test('that cannot be recorded are given up', async () => {
    const said = recorder();
    for (const code of [403, 500]) {
      answer = () => refused(code);
      said.record(about, event);
      await said.close();
    }
    expect(cluster.asked).toHaveLength(2);
  });
});

test('the Secrets that are waited for are those of Repositories that are not Ready', () => {
  const repository = (namespace: string, secret: string | undefined, ready: string | undefined) => ({
    apiVersion: 'config.porch.kpt.dev/v1alpha1',
    kind: 'Repository',
    metadata: { namespace, name: 'r' },
    spec: {
      type: 'git',
      git: { repo: 'https://git.example/r', ...(secret !== undefined && { secretRef: { name: secret } }) },
    },
    status: {
      conditions: (ready === undefined ? [] : [ready]).map((status) => ({
        ...{ type: 'Ready', status, reason: 'R', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' },
      })),
    },
  });
  const list = () => [
    repository('a', 'wrong', 'False'),
    repository('b', undefined, 'False'),
    repository('c', 'right', 'True'),
    repository('d', 'new', undefined),
  ];
  expect(awaitedSecrets({ list })).toEqual([
    { namespace: 'a', name: 'wrong' },
    { namespace: 'a', name: 'a-ca-bundle' },
    { namespace: 'b', name: 'b-ca-bundle' },
  ]);
});

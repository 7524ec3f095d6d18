import { once } from 'node:events';
import { createServer } from 'node:net';
import type { KubernetesObject } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ClusterClient } from './cluster-client.ts';
import { Informer } from './informer.ts';
import { type Answer, refused, type ScriptedCluster, scriptedCluster } from './scripted-cluster.test-support.ts';

test('what cannot be listed is given up when it is late, and no longer asked for', async () => {
  let asked = 0;
  const nobody = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  await once(nobody.listen(0, '127.0.0.1'), 'listening');
  const address = nobody.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const server = `https://127.0.0.1:${port}`;
  const client = new ClusterClient({ server, source: 'test', credentials: async () => ({}) }, 'test');
  const informer = new Informer({
    client,
    path: '/api/v1/namespaces',
    logger: pino({ level: 'silent' }),
    random: () => 0,
    pauseMs: { first: 1, most: 1 },
    listWithinMs: 200,
  });
  await expect(informer.start()).rejects.toMatchObject({
    name: 'ClusterError',
    transient: true,
    code: 503,
    message: expect.stringMatching(/^\/api\/v1\/namespaces cannot be listed: GET .* the cluster does not answer/),
  });
  const before = asked;
  expect(before).toBeGreaterThan(0);
  await informer.close();
  client.close();
  expect(asked).toBe(before);
  nobody.close();
});

describe('a collection', () => {
  let cluster: ScriptedCluster;
  let informer: Informer<KubernetesObject>;
  /** What lists and watches answer, in order; a watch without an answer waits. */
  let pages: Answer[];
  let watches: Answer[];
  let told: string[];
  let waiting: PromiseWithResolvers<Answer>;

  const object = (name: string, resourceVersion: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'ns', name, resourceVersion },
  });
  const page = (resourceVersion: string, items: KubernetesObject[], next?: string): Answer => ({
    body: { metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) }, items },
  });
  const lines = (...events: object[]): Answer => ({
    body: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  });
  const asked = (kind: 'list' | 'watch') =>
    cluster.asked
      .filter(({ query }) => (kind === 'watch') === (query['watch'] !== undefined))
      .map(({ query }) => query);
  const until = (holds: () => boolean): Promise<unknown> => vi.waitUntil(holds, { timeout: 30_000, interval: 2 });

  beforeEach(async () => {
    [pages, watches, told, waiting] = [[], [], [], Promise.withResolvers()];
    cluster = await scriptedCluster(({ query }) => {
      if (query['watch'] === undefined) return pages.shift() ?? refused(500);
      return watches.length > 0 ? watches.shift() : waiting.promise;
    });
    informer = new Informer({
      client: cluster.client,
      path: '/api/v1/configmaps',
      fieldSelector: 'a=b',
      logger: pino({ level: 'silent' }),
      random: () => 0,
      pauseMs: { first: 10, most: 20 },
    });
    informer.subscribe(({ type, object: { metadata } }) =>
      told.push(`${type} ${metadata.name} ${metadata.resourceVersion}`),
    );
  });
  afterEach(async () => {
    waiting.resolve(undefined);
    await informer.close();
    await cluster.close();
  });

  test('is listed page by page, and watched from there', async () => {
    pages.push(page('7', [object('a', '1')], 'more'), page('7', [object('b', '2')]));
    await informer.start();
    expect(told).toEqual(['CHANGED a 1', 'CHANGED b 2']);
    expect(asked('list')).toEqual([
      { limit: '500', fieldSelector: 'a=b' },
      { limit: '500', fieldSelector: 'a=b', continue: 'more' },
    ]);
    await until(() => asked('watch').length === 1);
    expect(asked('watch')).toEqual([
      { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '7', timeoutSeconds: '300', fieldSelector: 'a=b' },
    ]);
  });

  test('is watched on from what was told last, bookmarks included, which are no objects', async () => {
    pages.push(page('7', [object('a', '1')]));
    watches.push(
      lines(
        { type: 'MODIFIED', object: object('a', '8') },
        { type: 'ADDED', object: object('b', '9') },
        { type: 'DELETED', object: object('a', '10') },
      ),
      lines({ type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { resourceVersion: '20' } } }),
    );
    await informer.start();
    await until(() => asked('watch').length === 3);
    expect(told).toEqual(['CHANGED a 1', 'CHANGED a 8', 'CHANGED b 9', 'REMOVED a 10']);
    expect(asked('watch').map(({ resourceVersion }) => resourceVersion)).toEqual(['7', '10', '20']);
    expect(informer.list()).toEqual([object('b', '9')]);
    expect(asked('list')).toHaveLength(1);
  });

  test('is told of whatever its objects hold, in as many pieces as it comes', async () => {
    pages.push(page('7', []));
    const large = { ...object('large', '8'), data: { text: '\u{1F642}\n'.repeat(50_000) } };
    watches.push(lines({ type: 'ADDED', object: large }, { type: 'DELETED', object: object('unknown', '9') }));
    await informer.start();
    await until(() => asked('watch').length === 2);
    expect(informer.list()).toEqual([large]);
    expect(told).toEqual(['CHANGED large 8']);
    expect(asked('watch')[1]).toMatchObject({ resourceVersion: '9' });
  });

  test.each([
    ['by an event', lines({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } })],
    ['as an answer', refused(410)],
  ])('is listed again where the cluster says (%s) that what was told last is too old', async (_, gone) => {
    pages.push(page('7', [object('a', '1'), object('b', '2'), object('c', '3')]));
    watches.push(gone);
    pages.push(page('30', [object('b', '2'), object('c', '25')]));
    await informer.start();
    await until(() => asked('watch').length === 2);
    expect(told.slice(3)).toEqual(['REMOVED a 1', 'CHANGED c 25']);
    expect(asked('watch')[1]).toMatchObject({ resourceVersion: '30' });
  });

  test('has lost an object that was made anew while nobody looked, and then has it', async () => {
    const made = (uid: string, version: string): KubernetesObject => {
      const { metadata, ...rest } = object('a', version);
      return { ...rest, metadata: { ...metadata, uid } };
    };
    pages.push(page('7', [made('first', '1')]), page('30', [made('second', '25')]));
    watches.push(refused(410));
    await informer.start();
    await until(() => asked('watch').length === 2);
    expect(told).toEqual(['CHANGED a 1', 'REMOVED a 1', 'CHANGED a 25']);
  });

  test('is not listed again for another reason', async () => {
    pages.push(page('7', [object('a', '1')]));
    watches.push(refused(500), undefined, lines({ type: 'ERROR', object: { code: 500 } }));
    await informer.start();
    await until(() => asked('watch').length === 4);
    expect(asked('list')).toHaveLength(1);
  });

  test('is as the answer to a write of our own says, whatever the watch still brings of before', async () => {
    pages.push(page('7', [object('a', '9')]));
    await informer.start();
    await until(() => asked('watch').length === 1);
    informer.observe(object('a', '12'));
    informer.observe(object('a', '10'));
    informer.observe(object('unknown', '13'));
    const { resolve } = waiting;
    waiting = Promise.withResolvers();
    resolve(lines({ type: 'MODIFIED', object: object('a', '11') }, { type: 'MODIFIED', object: object('a', '12') }));
    await until(() => asked('watch').length === 2);
    expect(told).toEqual(['CHANGED a 9', 'CHANGED a 12']);
    expect(informer.get('ns', 'a')).toEqual(object('a', '12'));
    expect(informer.get('ns', 'unknown')).toBeUndefined();
  });

  test('that the cluster stops telling of at once is not asked for without a pause', async () => {
    pages.push(page('7', []));
    watches.push(...Array.from({ length: 6 }, () => lines()));
    const begun = performance.now();
    await informer.start();
    await until(() => asked('watch').length === 7);
    // Once the shortest and five times the longest pause, or three quarters of that.
    expect(performance.now() - begun).toBeGreaterThan(0.75 * (10 + 5 * 20));
  });
});

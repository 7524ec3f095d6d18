import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clusterSecrets } from './cluster-secrets.ts';
import { type Answer, refused, type ScriptedCluster, scriptedCluster } from './scripted-cluster.test-support.ts';

const secret = (uid: string, resourceVersion: string): Answer => ({
  body: { metadata: { namespace: 'team', name: 'auth', uid, resourceVersion }, data: { password: 'c2VjcmV0' } },
});

let cluster: ScriptedCluster;
let answer: Answer | Promise<Answer>;
let terminating: boolean;
let stop: (() => void) | undefined;
beforeEach(async () => {
  [answer, terminating, stop] = [secret('u', '1'), false, undefined];
  cluster = await scriptedCluster(() => answer);
});
afterEach(async () => {
  stop?.();
  await cluster.close();
});

const open = () =>
  clusterSecrets({
    client: cluster.client,
    isTerminating: () => terminating,
    awaited: () => [{ namespace: 'team', name: 'auth' }],
    logger: pino({ level: 'silent' }),
    everyMs: 5,
  });

test('a Secret that is gone is none, also where it was read before', async () => {
  const secrets = open();
  expect((await secrets.get('team', 'auth'))?.data).toEqual({ password: 'c2VjcmV0' });
  answer = refused(404);
  expect(await secrets.get('team', 'auth')).toBeUndefined();
  terminating = true;
  expect(await secrets.get('team', 'auth')).toBeUndefined();
});

test('a Secret that goes with its namespace counts until the last draft is in Git', async () => {
  const secrets = open();
  await secrets.get('team', 'auth');
  terminating = true;
  answer = refused(404);
  expect((await secrets.get('team', 'auth'))?.data).toEqual({ password: 'c2VjcmV0' });
});

test('a Secret that may not be read is an error that says who has to let the server', async () => {
  answer = refused(403, 'no rule for it');
  await expect(open().get('team', 'auth')).rejects.toMatchObject({
    errorClass: 'Authentication',
    message: expect.stringMatching(/^secret "auth" in namespace "team" cannot be read: .*no rule for it/),
    advice: 'Let the server get secrets in this namespace.',
  });
  answer = refused(503);
  await expect(open().get('team', 'auth')).rejects.toMatchObject({ errorClass: 'Unreachable' });
});

test.each([
  ['may be read now', refused(403), secret('u', '1')],
  ['may not be read any more', secret('u', '1'), refused(403)],
  ['is there now', refused(404), secret('u', '1')],
  ['is gone', secret('u', '1'), refused(404)],
  ['was made anew', secret('u', '1'), secret('v', '1')],
  ['has changed', secret('u', '1'), secret('u', '2')],
])('a Secret that somebody waits for is told of when it %s, once', async (_, before, after) => {
  const secrets = open();
  answer = before;
  await secrets.get('team', 'auth').catch(() => undefined);
  const told: string[] = [];
  stop = secrets.watch((namespace, name) => told.push(`${namespace}/${name}`));
  const asked = () => cluster.asked.length;
  const start = asked();
  await vi.waitUntil(() => asked() >= start + 2, { timeout: 30_000, interval: 2 });
  expect(told).toEqual([]);
  answer = after;
  const since = asked();
  await vi.waitUntil(() => asked() >= since + 4, { timeout: 30_000, interval: 2 });
  expect(told).toEqual(['team/auth']);
});

test('a cluster that takes its time is not asked again meanwhile', async () => {
  const secrets = open();
  await secrets.get('team', 'auth');
  const slow = Promise.withResolvers<Answer>();
  answer = slow.promise;
  stop = secrets.watch(() => undefined);
  await vi.waitUntil(() => cluster.asked.length === 2, { timeout: 30_000, interval: 2 });
  const before = performance.now();
  await vi.waitUntil(() => performance.now() - before > 100, { timeout: 30_000, interval: 5 });
  expect(cluster.asked).toHaveLength(2);
  slow.resolve(secret('u', '1'));
});

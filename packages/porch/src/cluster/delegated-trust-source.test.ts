import { createAuthority } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DelegatedTrustSource, followDelegatedTrust } from './delegated-trust-source.ts';
import { type Answer, type Asked, type ScriptedCluster, scriptedCluster } from './scripted-cluster.test-support.ts';

let cluster: ScriptedCluster;
let source: DelegatedTrustSource | undefined;
/** The data of the ConfigMap; undefined where there is none. */
let data: Record<string, string> | undefined;
let version: number;
/** Whoever watches hears of the next change with this. */
let change: PromiseWithResolvers<void>;

const metadata = () => ({
  namespace: 'kube-system',
  name: 'extension-apiserver-authentication',
  resourceVersion: String(version),
});

async function answer(asked: Asked): Promise<Answer> {
  if (asked.query['watch'] === undefined) {
    const items = data === undefined ? [] : [{ metadata: metadata(), data }];
    return { body: { metadata: { resourceVersion: String(version) }, items } };
  }
  await change.promise;
  change = Promise.withResolvers();
  const type = data === undefined ? 'DELETED' : 'MODIFIED';
  return { body: `${JSON.stringify({ type, object: { metadata: metadata(), data } })}\n` };
}

function set(next: Record<string, string> | undefined): void {
  data = next;
  version += 1;
  change.resolve();
}

let good: Record<string, string>;
beforeEach(async () => {
  const { certificate } = await createAuthority({ name: 'front-proxy' });
  good = {
    'client-ca-file': certificate,
    'requestheader-client-ca-file': certificate,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  };
  [data, version, change, source] = [undefined, 1, Promise.withResolvers(), undefined];
  cluster = await scriptedCluster(answer);
});
afterEach(async () => {
  change.resolve();
  await source?.close();
  await cluster.close();
});

async function follow(): Promise<DelegatedTrustSource> {
  source = await followDelegatedTrust(cluster.client, pino({ level: 'silent' }), () => 0);
  return source;
}

const trusts = (one: DelegatedTrustSource) => {
  const { clients, requestHeader } = one.current();
  return [clients !== undefined, requestHeader !== undefined];
};

test('only the one ConfigMap is asked for, and while there is none nobody is believed', async () => {
  expect(trusts(await follow())).toEqual([false, false]);
  expect(cluster.asked[0]).toMatchObject({
    path: '/api/v1/namespaces/kube-system/configmaps',
    query: { fieldSelector: 'metadata.name=extension-apiserver-authentication' },
  });
  await expect.poll(() => cluster.asked.length).toBeGreaterThan(1);
  expect(cluster.asked[1]?.query).toMatchObject({
    watch: 'true',
    fieldSelector: 'metadata.name=extension-apiserver-authentication',
  });
});

test('what it says holds as soon as it changes, and is told; when it is gone nobody is believed any more', async () => {
  data = good;
  const followed = await follow();
  expect(trusts(followed)).toEqual([true, true]);
  const told: boolean[] = [];
  followed.onChange(({ requestHeader }) => told.push(requestHeader !== undefined));
  set({ 'client-ca-file': good['client-ca-file'] ?? '' });
  await vi.waitUntil(() => told.length === 1, { timeout: 30_000 });
  expect(trusts(followed)).toEqual([true, false]);
  set(undefined);
  await vi.waitUntil(() => told.length === 2, { timeout: 30_000 });
  expect(trusts(followed)).toEqual([false, false]);
});

test('one that cannot be read leaves what held before', async () => {
  data = good;
  const followed = await follow();
  const told: boolean[] = [];
  followed.onChange(({ requestHeader }) => told.push(requestHeader !== undefined));
  set({ ...good, 'requestheader-allowed-names': 'no JSON' });
  await vi.waitUntil(() => cluster.asked.length > 2, { timeout: 30_000 });
  expect([trusts(followed), told]).toEqual([[true, true], []]);
});

import { createAuthority } from '@porch/apiserver';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClusterClient } from './cluster-client.ts';
import type { ClusterCredentials } from './credentials.ts';
import {
  type Answer,
  type Asked,
  refused,
  type ScriptedCluster,
  scriptedCluster,
} from './scripted-cluster.test-support.ts';

let cluster: ScriptedCluster;
let answer: (asked: Asked) => Answer | Promise<Answer>;
const others: ClusterClient[] = [];
beforeEach(async () => {
  answer = () => ({ body: {} });
  cluster = await scriptedCluster((asked) => answer(asked));
});
afterEach(async () => {
  for (const client of others.splice(0)) client.close();
  await cluster.close();
});

function clientWith(credentials: ClusterCredentials, server = cluster.server): ClusterClient {
  const client = new ClusterClient({ server, source: 'test', credentials: async () => credentials }, 'test');
  others.push(client);
  return client;
}

describe('a cluster is spoken to', () => {
  test('with the token of the moment, on connections that are kept', async () => {
    await cluster.client.get('/api');
    cluster.credentials = { ...cluster.credentials, token: 'renewed' };
    await cluster.client.get('/api');
    expect(cluster.asked.map(({ authorization }) => authorization)).toEqual(['Bearer mine', 'Bearer renewed']);
    expect(cluster.asked.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  test('on a connection of its own for each certificate of ours', async () => {
    await cluster.client.get('/api');
    const authority = await createAuthority({ name: 'clients' });
    const { certificate, key } = await authority.issueClientCertificate({ name: 'porch', groups: [] });
    cluster.credentials = { ...cluster.credentials, certificate, key };
    await cluster.client.get('/api');
    expect(cluster.asked.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test('only when its certificate is good', async () => {
    const { authorities, ...unknown } = cluster.credentials;
    await expect(clientWith(unknown).get('/api')).rejects.toMatchObject({
      name: 'ClusterError',
      code: undefined,
      message: expect.stringMatching(/^GET \/api: the cluster does not answer: .*certificate/),
    });
    const elsewhere = { ...unknown, authorities, serverName: 'elsewhere.test' };
    await expect(clientWith(elsewhere).get('/api')).rejects.toThrow(/does not match|altnames/);
    expect(cluster.asked).toEqual([]);
    await clientWith({ ...unknown, authorities, serverName: 'cluster.test' }).get('/api');
    await clientWith({ ...unknown, insecure: true }).get('/api');
    expect(cluster.asked).toHaveLength(2);
  });

  test('with what it has to know of a write', async () => {
    await cluster.client.merge('/merged', { a: null }, 'me');
    await cluster.client.apply('/applied', { b: 1 }, 'me');
    await cluster.client.create('/created', { c: 1 });
    expect(cluster.asked).toMatchObject([
      {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'me' },
        body: { a: null },
      },
      {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager: 'me', force: 'true' },
        body: { b: 1 },
      },
      { method: 'POST', contentType: 'application/json', query: {}, body: { c: 1 } },
    ]);
    expect(cluster.asked[0]?.query).toEqual({ fieldManager: 'me' });
  });
});

describe('a request fails', () => {
  const failure = () => cluster.client.get('/api').catch((error: unknown) => error);

  test.each([
    [refused(409, 'somebody else was quicker'), 409, 'Refused', 'GET /api: somebody else was quicker', false],
    [{ code: 502, body: 'Bad gateway\n' }, 502, '', 'GET /api: Bad gateway', true],
    [{ code: 500, body: '' }, 500, '', 'GET /api: HTTP 500', true],
    [{ code: 429, body: '{}' }, 429, '', 'GET /api: {}', true],
    [{ code: 302, body: 'see there' }, 302, '', 'GET /api: see there', false],
    [{ code: 503, body: `${'x'.repeat(600)}` }, 503, '', `GET /api: ${'x'.repeat(500)}`, true],
  ])('with what the cluster says (case %#)', async (said, code, reason, message, transient) => {
    answer = () => said;
    expect(await failure()).toMatchObject({ name: 'ClusterError', code, reason, message, transient });
  });

  test('when nobody answers, which may go better at another time', async () => {
    answer = () => undefined;
    expect(await failure()).toMatchObject({ name: 'ClusterError', code: undefined, transient: true });
  });

  test('when it is given up', async () => {
    const silence = Promise.withResolvers<Answer>();
    const stop = new AbortController();
    answer = () => {
      stop.abort(new Error('not wanted any more'));
      return silence.promise;
    };
    await expect(cluster.client.get('/api', { signal: stop.signal })).rejects.toMatchObject({ name: 'ClusterError' });
    silence.resolve(undefined);
    expect(cluster.asked).toHaveLength(1);
  });

  test('when what is answered is no JSON', async () => {
    answer = () => ({ body: 'half of it: {' });
    expect(await failure()).toMatchObject({ name: 'ClusterError', code: undefined });
  });
});

test('a kept connection that the cluster closes in the moment it is used again costs no request', async () => {
  await cluster.client.get('/first');
  answer = ({ path, connection }) => (path === '/second' && connection === 1 ? undefined : { body: { connection } });
  expect(await cluster.client.get('/second')).toEqual({ connection: 2 });
});

test('a request on a new connection is not made again: nobody knows whether it was carried out', async () => {
  answer = () => undefined;
  await expect(cluster.client.create('/new', {})).rejects.toMatchObject({ name: 'ClusterError' });
  expect(cluster.asked).toHaveLength(1);
});

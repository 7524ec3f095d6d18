import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { createAuthority } from '@porch/apiserver';
import pino from 'pino';
import { expect, test } from 'vitest';
import { ClusterClient } from './cluster-client.ts';
import { Informer } from './informer.ts';

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

// A real cluster cannot be told to forget its history in the moment between a deletion and a creation.
test('an object that was made anew while nobody looked is gone first, and then there', async () => {
  const authority = await createAuthority({ name: 'cluster' });
  const { certificate: cert, key } = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });
  const namespace = (uid: string, resourceVersion: string) => ({ metadata: { name: 'ns', uid, resourceVersion } });
  const lists = [
    { metadata: { resourceVersion: '1' }, items: [namespace('first', '1')] },
    { metadata: { resourceVersion: '9' }, items: [namespace('second', '8')] },
  ];
  const gone = { type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } };
  const cluster = createHttpsServer({ cert, key }, ({ url = '' }, response) => {
    if (!url.includes('watch=true')) response.end(JSON.stringify(lists.shift()));
    else if (url.includes('resourceVersion=1&')) response.end(`${JSON.stringify(gone)}\n`);
    else response.flushHeaders();
  });
  await once(cluster.listen(0, '127.0.0.1'), 'listening');
  const server = `https://127.0.0.1:${(cluster.address() as AddressInfo).port}`;
  const credentials = async () => ({ authorities: authority.certificate });
  const client = new ClusterClient({ server, source: 'test', credentials }, 'test');
  const informer = new Informer({
    client,
    path: '/api/v1/namespaces',
    logger: pino({ level: 'silent' }),
    random: () => 0,
    pauseMs: { first: 1, most: 1 },
  });
  const told: string[] = [];
  const last = Promise.withResolvers<void>();
  informer.subscribe(({ type, object }) => {
    told.push(`${type} ${object.metadata.uid}`);
    if (type === 'CHANGED' && object.metadata.uid === 'second') last.resolve();
  });
  await informer.start();
  await last.promise;
  expect(told).toEqual(['CHANGED first', 'REMOVED first', 'CHANGED second']);
  await informer.close();
  client.close();
  cluster.close();
});

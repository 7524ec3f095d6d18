import { once } from 'node:events';
import { createServer } from 'node:net';
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

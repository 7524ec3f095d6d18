import { once } from 'node:events';
import { createServer } from 'node:http';
import { get } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { isConnectionFailure } from './connection-failure.ts';

async function failureOf(emitter: NodeJS.EventEmitter): Promise<unknown> {
  const [error] = await once(emitter, 'error');
  return error;
}

test('is one where nobody listens, where the name is not known, where there is no socket, and in time', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const refused = await failureOf(connect(port, '127.0.0.1'));
  const timeout = AbortSignal.timeout(0);
  await once(timeout, 'abort');
  const failures = [
    refused,
    await failureOf(connect({ path: '/nowhere/socket' })),
    await failureOf(connect({ host: 'database.invalid', port })),
    new Error('wrapped', { cause: refused }),
    new AggregateError([new Error('other'), refused]),
    timeout.reason,
  ];
  expect(failures.map(isConnectionFailure)).toEqual(failures.map(() => true));
});

test('is none where the other side answers something that will not do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const plain = await failureOf(get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }));
  server.close();
  const others = [plain, new Error('password authentication failed'), undefined];
  expect(others.map(isConnectionFailure)).toEqual([false, false, false]);
});

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { http2Client } from './trial-client.ts';
import { startTrialServer, type TrialServer } from './trial-server.ts';

let trial: TrialServer;
beforeAll(async () => {
  trial = await startTrialServer({ limits: { handshakeMs: 100, bodyIdleMs: 100, pingMs: 100, idleMs: 60_000 } });
});
afterAll(async () => trial.close());

const collection = '/apis/example.com/v1/namespaces/slow/widgets';

async function open(protocol: 'h2' | 'http/1.1'): Promise<TLSSocket> {
  const { authority, admin, port } = trial;
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: authority.certificate,
    cert: admin.certificate,
    key: admin.key,
    ALPNProtocols: [protocol],
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** What the server says before it ends the connection. */
async function untilEnd(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

it('a connection that never gets as far as TLS is ended', async () => {
  const socket = connectTcp({ host: '127.0.0.1', port: trial.port });
  expect(await untilEnd(socket)).toBe('');
});

it('headers that do not end are not waited for', async () => {
  const socket = await open('http/1.1');
  socket.write('GET /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 408 /);
});

it('a body that stops coming is answered with 408', async () => {
  const socket = await open('http/1.1');
  socket.write(
    `POST ${collection} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a"`,
  );
  await once(socket, 'data', { signal: AbortSignal.timeout(60_000) }).then(([chunk]) =>
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 408 /),
  );
  socket.destroy();

  const client = http2Client(trial, trial.admin);
  const request = client.session.request({
    ':path': collection,
    ':method': 'POST',
    'content-type': 'application/json',
  });
  request.write('{"a"');
  const [answer] = await once(request, 'response');
  expect(answer[':status']).toBe(408);
  client.close();
});

it('an HTTP/2 peer that answers no pings is gone', async () => {
  const socket = await open('h2');
  // The preface and empty settings (RFC 9113, section 3.4), and then silence: not even the server's settings are acknowledged.
  socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  await untilEnd(socket);
  // One that does stays, although nothing else happens.
  const client = http2Client(trial, trial.admin);
  let pings = 0;
  client.session.on('ping', () => pings++);
  while (pings < 3) await once(client.session, 'ping');
  expect((await client.send(collection)).status).toBe(200);
  client.close();
});

it('uploads have room: a megabyte for each stream, two for a connection', async () => {
  const { session, close } = http2Client(trial, trial.admin);
  await once(session, 'remoteSettings');
  expect(session.remoteSettings).toMatchObject({ initialWindowSize: 1024 * 1024, maxConcurrentStreams: 1000 });
  await new Promise((resolve) => session.ping(resolve));
  expect(session.state.remoteWindowSize).toBe(2 * 1024 * 1024);
  close();
});

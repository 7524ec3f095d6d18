import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import type { ServerLimits } from './server-options.ts';
import { http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
afterEach(() => trial.close());

async function start(limits: Partial<ServerLimits> = {}): Promise<void> {
  trial = await startTrialServer({ limits });
}

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
  await start({ handshakeMs: 50 });
  expect(await untilEnd(connectTcp({ host: '127.0.0.1', port: trial.port }))).toBe('');
});

it('headers that do not end are not waited for', async () => {
  await start({ handshakeMs: 2000 });
  const socket = await open('http/1.1');
  socket.write('GET /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 408 /);
});

it('bodies that are slow to come do not hold up the writes of others', async () => {
  await start({ inFlight: { reads: 10, writes: 1 } });
  const slow = async (): Promise<string> => {
    const socket = await open('http/1.1');
    const head = `POST ${collection} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n`;
    socket.write(`${head}Connection: close\r\n\r\n{"a"`);
    return untilEnd(socket);
  };
  const both = [slow(), slow()];
  expect(await Promise.race(both)).toMatch(/^HTTP\/1\.1 429 .*"reason":"TooManyRequests"/s);
  const client = http2Client(trial, trial.admin);
  const headers = { 'content-type': 'application/json' };
  const made = await client.send(collection, { method: 'POST', headers, body: { metadata: { name: 'quick' } } });
  client.close();
  expect(made.status).toBe(201);
  for (const answer of await Promise.all(both)) expect(answer).toMatch(/^HTTP\/1\.1 429 .*Retry-After: 1/is);
});

it('a body that stops coming is answered with 408 over HTTP/1.1', async () => {
  await start({ bodyIdleMs: 50 });
  const socket = await open('http/1.1');
  const head = `POST ${collection} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n`;
  socket.write(`${head}Connection: close\r\n\r\n{"a"`);
  expect(await untilEnd(socket)).toMatch(/^HTTP\/1\.1 408 .*"reason":"Timeout"/s);
});

it('a body that stops coming is answered with 408 over HTTP/2', async () => {
  await start({ bodyIdleMs: 50 });
  const { session, close } = http2Client(trial, trial.admin);
  const request = session.request({ ':path': collection, ':method': 'POST', 'content-type': 'application/json' });
  request.write('{"a"');
  const [answer] = await once(request, 'response');
  expect(answer[':status']).toBe(408);
  close();
});

it('an HTTP/2 peer that answers no pings is gone', async () => {
  await start({ pingMs: 50 });
  const socket = await open('h2');
  // The preface and empty settings (RFC 9113, section 3.4), and then silence: not even the server's settings are acknowledged.
  socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
  socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  await untilEnd(socket);
});

it('an HTTP/2 peer that answers them stays', async () => {
  await start({ pingMs: 1000 });
  const { session, send, close } = http2Client(trial, trial.admin);
  await once(session, 'ping');
  await once(session, 'ping');
  expect((await send(collection)).status).toBe(200);
  close();
});

it('an HTTP/2 connection that nobody uses is closed, and one with a watch is not', async () => {
  await start({ idleMs: 200 });
  const idle = http2Client(trial, trial.admin);
  const closed = once(idle.session, 'close');
  // At once: a connection that has not been used yet is closed likewise.
  await idle.send(collection);
  const watching = http2Client(trial, trial.admin);
  const watch = await watching.open(`${collection}?watch=true`);
  await closed;
  expect((await watching.send(collection)).status).toBe(200);
  expect(watch.status).toBe(200);
  watching.close();
});

it('uploads have room: a megabyte for each stream, two for a connection', async () => {
  await start();
  const { session, close } = http2Client(trial, trial.admin);
  await once(session, 'remoteSettings');
  expect(session.remoteSettings).toMatchObject({ initialWindowSize: 1024 * 1024, maxConcurrentStreams: 1000 });
  await new Promise((resolve) => session.ping(resolve));
  expect(session.state.remoteWindowSize).toBe(2 * 1024 * 1024);
  close();
});

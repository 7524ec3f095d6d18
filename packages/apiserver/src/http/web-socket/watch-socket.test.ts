import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { connect, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthenticator } from '../../auth/authenticators.ts';
import { parseDelegatedTrust } from '../../auth/delegated/delegated-trust.ts';
import { createFrontProxyAuthenticator } from '../../auth/delegated/front-proxy-authenticator.ts';
import { createBearerAuthenticator } from '../../auth/tokens/bearer-authenticator.ts';
import { systemMasters } from '../../auth/user.ts';
import { http2Client, type TrialClient } from '../trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../trial-server.test-support.ts';
import { ControlFrames, encodeFrame, FrameError } from './frames.ts';
import { SocketResponse } from './socket-response.ts';

const base = '/apis/example.com/v1/namespaces/default/widgets';
const token = 'base64url.bearer.authorization.k8s.io.';
const bearer = `${token}${Buffer.from('sesame').toString('base64url')}`;

let trial: TrialServer;
let client: TrialClient;
beforeAll(async () => {
  const known = {
    userOf: async (given: string) => (given === 'sesame' ? { name: 'ali', groups: [systemMasters] } : undefined),
  };
  trial = await startTrialServer({
    authenticators: [createCertificateAuthenticator(), createBearerAuthenticator([known])],
  });
  client = http2Client(trial, trial.admin);
  setDefaultCACertificates([trial.authority.certificate]);
});
afterAll(async () => {
  client.close();
  await trial.close();
});

async function create(name: string): Promise<void> {
  const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } };
  const answer = await client.send(base, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: widget,
  });
  expect(answer.status).toBe(201);
}

/** A watch by Node's own WebSocket client, with what has come so far. */
function open(query: string, protocols: string[]) {
  const socket = new WebSocket(`wss://localhost:${trial.port}${base}?watch=true&${query}`, protocols);
  const messages: string[] = [];
  let arrived = Promise.withResolvers<void>();
  socket.addEventListener('message', ({ data }) => {
    messages.push(String(data));
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  });
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve));
  const opened = new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true));
    socket.addEventListener('error', () => resolve(false));
  });
  return {
    socket,
    opened,
    closed,
    async message(text: string): Promise<void> {
      while (!messages.some((message) => message.includes(text))) await arrived.promise;
    },
    messages,
  };
}

describe('a watch as a WebSocket', () => {
  it('has each event as a message, and the protocol that is no token', async () => {
    const watch = open('', [bearer, 'events']);
    expect(await watch.opened).toBe(true);
    expect(watch.socket.protocol).toBe('events');
    await create('first');
    await create('second');
    await watch.message('"name":"second"');
    const events = watch.messages.map((message) => JSON.parse(message));
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'ADDED first',
      'ADDED second',
    ]);
    watch.socket.close();
    expect((await watch.closed).wasClean).toBe(true);
  });

  it('ends cleanly when its time is over, and may carry long events', async () => {
    const name = 'long';
    const annotations = { text: 'é'.repeat(70_000) };
    const widget = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, annotations } };
    await client.send(base, { method: 'POST', headers: { 'content-type': 'application/json' }, body: widget });
    const watch = open('timeoutSeconds=1&fieldSelector=metadata.name%3Dlong', [bearer, 'events']);
    const { code, wasClean } = await watch.closed;
    expect([code, wasClean]).toEqual([1000, true]);
    expect(JSON.parse(watch.messages[0] ?? '').object.metadata.annotations).toEqual(annotations);
  });

  it.each([
    ['another token', [`${token}${Buffer.from('guess').toString('base64url')}`, 'events']],
    ['two tokens', [bearer, `${token}x`, 'events']],
    ['no token', ['events']],
  ])('is refused with %s', async (_, protocols) => {
    expect(await open('', protocols).opened).toBe(false);
  });
});

/** What the server answers to the head of a request, byte for byte, with a client's certificate. */
async function raw(
  lines: readonly string[],
  rest: Buffer = Buffer.alloc(0),
  { admin, authority, port }: TrialServer = trial,
): Promise<{ socket: TLSSocket; head: string }> {
  const { key, certificate } = admin;
  const socket = connect({ port, host: 'localhost', ca: authority.certificate, key, cert: certificate });
  await once(socket, 'secureConnect');
  socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), rest]));
  const [chunk] = await once(socket, 'data');
  return { socket, head: String(chunk) };
}

const upgrade = (path: string, ...more: string[]): string[] => [
  `GET ${path} HTTP/1.1`,
  `Host: localhost:${trial.port}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ...more,
];

describe('a request for a WebSocket', () => {
  it('is accepted as RFC 6455 says, for watches only', async () => {
    const watch = await raw(upgrade(`${base}?watch=1`));
    expect(watch.head).toMatch(/^HTTP\/1\.1 101 /);
    expect(watch.head).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    watch.socket.destroy();
    const list = await raw(upgrade(base));
    expect(list.head).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"kind":"WidgetList"/);
    list.socket.destroy();
  });

  it('is answered with the error where there is one', async () => {
    const { socket, head } = await raw(upgrade(`${base}?watch=1&timeoutSeconds=x`));
    let answer = head;
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n\{[^]*"reason":"BadRequest"/);
  });

  it('by a page of another origin needs a token, and one of its own does not', async () => {
    const foreign = await raw(upgrade(`${base}?watch=1`, 'Origin: https://evil.example'));
    expect(foreign.head).toMatch(/^HTTP\/1\.1 403 /);
    const withToken = await raw(
      upgrade(`${base}?watch=1`, 'Origin: https://good.example', `Sec-WebSocket-Protocol: ${bearer}, events`),
    );
    expect(withToken.head).toMatch(/^HTTP\/1\.1 101 /);
    const own = await raw(upgrade(`${base}?watch=1`, `Origin: https://localhost:${trial.port}`));
    expect(own.head).toMatch(/^HTTP\/1\.1 101 /);
    for (const { socket } of [foreign, withToken, own]) socket.destroy();
  });

  it("by a page of another origin is not for whom the browser's certificate names, whatever the token", async () => {
    const protocols = `Sec-WebSocket-Protocol: ${token}${Buffer.from('guess').toString('base64url')}, events`;
    const foreign = await raw(upgrade(`${base}?watch=1`, 'Origin: https://evil.example', protocols));
    expect(foreign.head).toMatch(/^HTTP\/1\.1 401 /);
    const own = await raw(upgrade(`${base}?watch=1`, `Origin: https://localhost:${trial.port}`, protocols));
    expect(own.head).toMatch(/^HTTP\/1\.1 101 /);
    for (const { socket } of [foreign, own]) socket.destroy();
  });

  it('by a page of another origin needs no token where a front proxy has found out who asks', async () => {
    const trust = () =>
      parseDelegatedTrust({
        'requestheader-client-ca-file': proxied.authority.certificate,
        'requestheader-username-headers': '["X-Remote-User"]',
        'requestheader-group-headers': '["X-Remote-Group"]',
      });
    const authenticators = [createFrontProxyAuthenticator(trust), createCertificateAuthenticator()];
    const proxied = await startTrialServer({ authenticators });
    const page = upgrade(`${base}?watch=1`, 'Origin: https://good.example');
    const byProxy = ['X-Remote-User: ali', `X-Remote-Group: ${systemMasters}`];
    const behind = await raw([...page, ...byProxy], undefined, proxied);
    expect(behind.head).toMatch(/^HTTP\/1\.1 101 /);
    const before = await raw(page, undefined, proxied);
    expect(before.head).toMatch(/^HTTP\/1\.1 403 /);
    for (const { socket } of [behind, before]) socket.destroy();
    await proxied.close();
  });

  it('may be followed by pings, and by nothing that is no frame', async () => {
    const mask = Buffer.from([1, 2, 3, 4]);
    const ping = Buffer.concat([Buffer.from([0x89, 0x82]), mask, Buffer.from([0x61 ^ 1, 0x62 ^ 2])]);
    const path = `${base}?watch=1&fieldSelector=metadata.name%3Dnone`;
    const early = await raw(upgrade(path), ping);
    if (!early.head.includes('\x8a')) await once(early.socket, 'data');
    early.socket.destroy();
    const good = await raw(upgrade(path));
    good.socket.write(ping);
    const [pong] = await once(good.socket, 'data');
    expect(pong).toEqual(Buffer.from([0x8a, 2, 0x61, 0x62]));
    good.socket.write(Buffer.from([0x81, 0x01, 0x61]));
    const [closing] = await once(good.socket, 'data');
    expect(closing).toEqual(Buffer.from([0x88, 2, 0x03, 0xea]));
    await once(good.socket, 'close');
  });
});

describe('frames', () => {
  const masked = (opcode: number, payload: Buffer): Buffer => {
    const frame = encodeFrame(opcode, payload);
    const head = frame.subarray(0, frame.length - payload.length);
    head.writeUInt8(head.readUInt8(1) | 0x80, 1);
    return Buffer.concat([head, Buffer.alloc(4), payload]);
  };

  it('are read in whatever pieces they come, and data is let pass', () => {
    const stream = Buffer.concat([
      masked(0x1, Buffer.alloc(70_000, 'x')),
      masked(0x9, Buffer.from('ping')),
      masked(0x2, Buffer.alloc(200)),
      masked(0x8, Buffer.alloc(0)),
    ]);
    for (const size of [1, 7, 1000, stream.length]) {
      const frames = new ControlFrames();
      const found: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        for (const { opcode, payload } of frames.read(stream.subarray(at, at + size)))
          found.push(`${opcode} ${payload}`);
      }
      expect(found).toEqual(['9 ping', '8 ']);
    }
  });

  it('that are long or parts, though they control, are refused', () => {
    expect(() => new ControlFrames().read(masked(0x9, Buffer.alloc(126)))).toThrow(FrameError);
    const part = masked(0x9, Buffer.alloc(1));
    part.writeUInt8(0x09, 0);
    expect(() => new ControlFrames().read(part)).toThrow(FrameError);
  });
});

it('pings of a client that takes nothing pile up no answers; the last one is answered when it does', async () => {
  const [socket, client] = duplexPair();
  const request = { headers: { 'sec-websocket-key': 'a' } } as unknown as IncomingMessage;
  new SocketResponse(request, socket).flushHeaders();
  const ping = (text: string) => {
    const payload = Buffer.from(text);
    return Buffer.concat([Buffer.from([0x89, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
  };
  const many = Buffer.concat(Array.from({ length: 1000 }, () => ping('x'.repeat(125))));
  for (let sent = 0; sent < 20; sent++) await new Promise((resolve) => client.write(many, resolve));
  await new Promise((resolve) => client.write(ping('the last'), resolve));
  expect(socket.writableLength).toBeLessThan(2 * socket.writableHighWaterMark);
  let taken = '';
  for await (const chunk of client) {
    taken += String(chunk);
    if (taken.endsWith('the last')) break;
  }
});

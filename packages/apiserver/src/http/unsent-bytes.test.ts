import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyPair } from '../auth/certificates.ts';
import { systemMasters } from '../auth/user.ts';
import { http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

const collection = '/apis/example.com/v1/namespaces/slow/widgets';
/** Two answers of 100 000 bytes find room, and a third does not. */
const maxUnsentBytes = 250_000;

let trial: TrialServer;
let now: number;
let sessions: ClientHttp2Session[];
beforeEach(async () => {
  now = 1_700_000_000_000;
  sessions = [];
  trial = await startTrialServer({ limits: { maxUnsentBytes }, watch: { stallMs: 3_600_000 }, now: () => now });
  const client = http2Client(trial, trial.admin);
  const body = { metadata: { name: 'large' }, spec: { color: 'x'.repeat(100_000) } };
  const headers = { 'content-type': 'application/json' };
  expect((await client.send(collection, { method: 'POST', headers, body })).status).toBe(201);
  client.close();
});
afterEach(async () => {
  for (const session of sessions) session.destroy();
  await trial.close();
});

/** A client that takes no byte of an answer. */
function unwilling({ certificate, key }: KeyPair): ClientHttp2Session {
  const { url, authority } = trial;
  const options = { ca: authority.certificate, cert: certificate, key, servername: 'localhost' };
  const session = connect(url, { ...options, settings: { initialWindowSize: 0 } });
  session.on('error', () => undefined);
  sessions.push(session);
  return session;
}

async function ask(session: ClientHttp2Session, path = `${collection}/large`) {
  const stream: ClientHttp2Stream = session.request({ ':path': path });
  stream.on('error', () => undefined);
  const [headers] = await once(stream, 'response');
  return { stream, status: Number(headers[':status']), retryAfter: headers['retry-after'] };
}

it('answers that nobody takes have so much room together, which they leave when they end', async () => {
  const client = unwilling(trial.admin);
  const first = await ask(client);
  expect([first.status, (await ask(client)).status]).toEqual([200, 200]);
  const refused = await ask(unwilling(trial.admin));
  expect([refused.status, refused.retryAfter]).toEqual([429, '1']);
  const list = await ask(client, `${collection}?limit=500`);
  expect(list.status).toBe(429);
  expect((await ask(client, '/version')).status).toBe(200);
  first.stream.close();
  await expect.poll(async () => (await ask(client)).status).toBe(200);
});

it('who has waited for long and has the most makes room for others', async () => {
  const other = await trial.authority.issueClientCertificate({ name: 'other', groups: [systemMasters] });
  const one = await ask(unwilling(other));
  const greedy = unwilling(trial.admin);
  now += 1000;
  const first = await ask(greedy);
  now += 9000;
  const cut = once(one.stream, 'close');
  expect((await ask(greedy)).status).toBe(200);
  await cut;
  now += 9000;
  const second = once(first.stream, 'close');
  expect((await ask(unwilling(other))).status).toBe(200);
  await second;
});

it('large events of watches that nobody takes count as well, and what a write answers is sent all the same', async () => {
  const client = http2Client(trial, trial.admin);
  const { metadata } = (await client.send(`${collection}?limit=1`)).json();
  const path = `${collection}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const watches = [await ask(unwilling(trial.admin), path), await ask(unwilling(trial.admin), path)];
  const closed = watches.map(({ stream }) => once(stream, 'close'));
  const body = { metadata: { name: 'larger' }, spec: { color: 'x'.repeat(600_000) } };
  const headers = { 'content-type': 'application/json' };
  expect((await client.send(collection, { method: 'POST', headers, body })).status).toBe(201);
  client.close();
  await Promise.race(closed);
  expect(watches.filter(({ stream }) => stream.closed)).toHaveLength(1);
});

it.each([1500, 5000])('what watches keep of a query of %i values counts until they end', async (count) => {
  const client = unwilling(trial.admin);
  const values = Array.from({ length: count }, (_, index) => `v${index}`);
  const path = `${collection}?watch=true&resourceVersion=0&labelSelector=${encodeURIComponent(`a in (${values})`)}`;
  const first = await ask(client, path);
  expect(first.status).toBe(200);
  expect((await ask(client, path)).status).toBe(429);
  expect((await ask(client, `${collection}?watch=true&labelSelector=a`)).status).toBe(200);
  first.stream.close();
  await expect.poll(async () => (await ask(client, path)).status).toBe(200);
});

it('what requests keep of long queries counts while their bodies are awaited, and writes find no room either', async () => {
  const client = unwilling(trial.admin);
  const query = `more=${'x'.repeat(10_000)}`;
  const path = `${collection}/none?${query}`;
  const post = { ':path': `${collection}?${query}`, ':method': 'POST', 'content-type': 'application/json' };
  const slow = client.request(post);
  slow.on('error', () => undefined);
  slow.write('{');
  await expect.poll(async () => (await ask(client, path)).status).toBe(429);
  const [refused] = await once(client.request(post), 'response');
  expect(refused[':status']).toBe(429);
  slow.close();
  await expect.poll(async () => (await ask(client, path)).status).toBe(404);
});

import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyPair } from '../auth/certificates.ts';
import { systemMasters } from '../auth/user.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import type { KubernetesObject } from '../meta/object.ts';
import type { AnyResourceDefinition, RequestContext, ResourceStorage } from '../registry/resource.ts';
import { serveObject } from '../storage/served.ts';
import type { ServedObject } from '../storage/served-object.ts';
import { http1Client, http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

const pageBytes = 600_000;
/** Two pages find room, and a third does not. */
const maxLargeObjectBytes = 1_500_000;
const names = ['a', 'b', 'c', 'd'];

/** Pages whose making has begun, in order. */
let made: string[];
/** When the page `late` is made. */
let gate: PromiseWithResolvers<void>;
let assemblies: RequestContext['assembly'][];

async function page(name: string): Promise<ServedObject> {
  made.push(name);
  if (name === 'late') await gate.promise;
  const metadata = { name, annotations: { text: 'x'.repeat(name === 'small' ? 10 : pageBytes) } };
  return serveObject({ apiVersion: 'v1', kind: 'Page', metadata }, { resource: 'pages', revision: 1 });
}

function make({ assembly }: RequestContext, name: string): Promise<ServedObject> {
  return assembly?.make(name, () => page(name)) ?? Promise.reject(new Error('reads have one'));
}

async function* all(context: RequestContext): AsyncGenerator<ServedObject> {
  for (const name of names) yield await make(context, name);
}

const storage: ResourceStorage<KubernetesObject> = {
  get: make,
  list: (context) => ({ revision: 1, items: all(context) }),
  async create(context) {
    assemblies.push(context.assembly);
    return { object: await page('a'), created: true };
  },
};

const pages: AnyResourceDefinition = {
  group: '',
  version: 'v1',
  plural: 'pages',
  singular: 'page',
  kind: 'Page',
  listKind: 'PageList',
  namespaced: false,
  description: 'A page.',
  schema: { type: 'object' },
  strategy: {},
  storage,
  table: { columns: [], cells: () => [] },
};

let trial: TrialServer;
let now: number;
let sessions: ClientHttp2Session[];
beforeEach(async () => {
  now = 1_700_000_000_000;
  made = [];
  gate = Promise.withResolvers();
  assemblies = [];
  sessions = [];
  trial = await startTrialServer({
    definitions: [pages],
    discovery: createDiscovery({ definitions: [pages], version: 'v1.34.0' }),
    limits: { maxLargeObjectBytes },
    now: () => now,
  });
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

function ask(session: ClientHttp2Session, name: string): { stream: ClientHttp2Stream; status: Promise<number> } {
  const stream = session.request({ ':path': `/api/v1/pages${name}` });
  stream.on('error', () => undefined);
  return { stream, status: once(stream, 'response').then(([headers]) => Number(headers[':status'])) };
}

it('large objects that do not fit wait for their turn, and small ones are answered meanwhile', async () => {
  const client = unwilling(trial.admin);
  const first = ask(client, '/a');
  expect([await first.status, await ask(client, '/b').status]).toEqual([200, 200]);
  const waiting = [ask(client, '/a'), ask(client, '')];
  expect(await ask(client, '/small').status).toBe(200);
  expect(made).toEqual(['a', 'b', 'small']);
  first.stream.close();
  expect(await Promise.race(waiting.map(({ status }) => status))).toBe(200);
  expect(made).toEqual(['a', 'b', 'small', 'a']);
});

it('one that turns out to be large is made again when there is room', async () => {
  const client = unwilling(trial.admin);
  const first = ask(client, '/a');
  expect([await first.status, await ask(client, '/b').status]).toEqual([200, 200]);
  const third = ask(client, '/c');
  expect(await ask(client, '/small').status).toBe(200);
  first.stream.close();
  expect(await third.status).toBe(200);
  expect(made.filter((name) => name === 'c')).toHaveLength(2);
});

it('what is not known yet is made for one, and others wait until its size is known', async () => {
  const client = http2Client(trial, trial.admin);
  const answers = ['late', 'late', 'late'].map((name) => client.send(`/api/v1/pages/${name}`));
  expect((await client.send('/api/v1/pages/small')).status).toBe(200);
  expect(made).toEqual(['late', 'small']);
  gate.resolve();
  for (const { status, headers, body } of await Promise.all(answers)) {
    expect([status, headers['content-length']]).toEqual([200, String(body.length)]);
    expect(JSON.parse(body.toString()).metadata.name).toBe('late');
  }
  client.close();
});

it('lists have one at a time, and go on when there is room for the next', async () => {
  const blocked = unwilling(trial.admin);
  const first = ask(blocked, '');
  expect(await first.status).toBe(200);
  const clients = [http1Client, http2Client].map((connectTo) => connectTo(trial, trial.admin));
  const lists = await Promise.all(
    clients.flatMap((client) => ['gzip', 'identity'].map((coding) => client.send('/api/v1/pages', encoded(coding)))),
  );
  for (const { status, body } of lists) expect([status, body.length > 1000]).toEqual([200, true]);
  expect(lists[1]?.json().items.map(({ metadata }: KubernetesObject) => metadata.name)).toEqual(names);
  expect(lists[1]?.body.equals(lists[3]?.body ?? Buffer.alloc(0))).toBe(true);
  for (const client of clients) client.close();
});

function encoded(coding: string) {
  return { headers: { 'accept-encoding': coding } };
}

it('who leaves, or has waited until the deadline, does not wait any longer', async () => {
  const client = unwilling(trial.admin);
  const first = ask(client, '/a');
  expect([await first.status, await ask(client, '/b').status]).toEqual([200, 200]);
  const leaving = ask(client, '/a');
  leaving.status.catch(() => undefined);
  expect(await ask(client, '/small').status).toBe(200);
  leaving.stream.close();
  expect(await ask(client, '/b?timeout=20ms').status).toBe(504);
  first.stream.close();
  expect(await ask(client, '/b').status).toBe(200);
  expect(made).toEqual(['a', 'b', 'small', 'b']);
});

it('next is whose sender has the least', async () => {
  const other = await trial.authority.issueClientCertificate({ name: 'other', groups: [systemMasters] });
  const client = unwilling(trial.admin);
  const first = ask(client, '/a');
  expect([await first.status, await ask(client, '/a').status]).toEqual([200, 200]);
  const again = ask(client, '/a');
  const theirs = unwilling(other);
  const waiting = ask(theirs, '/a');
  expect(await ask(client, '/small').status).toBe(200);
  expect(await ask(theirs, '/small').status).toBe(200);
  first.stream.close();
  expect(await Promise.race([again.status.then(() => 'again'), waiting.status.then(() => 'other')])).toBe('other');
});

it.each(['/a', ''])('a client that takes nothing for long makes room for those who wait (%o)', async (path) => {
  const client = unwilling(trial.admin);
  const first = ask(client, path);
  expect(await first.status).toBe(200);
  now += 1;
  expect(await ask(client, '/a').status).toBe(200);
  const cut = new Promise((resolve) => first.stream.once('close', resolve));
  now += 30_000;
  expect(await ask(client, '/a').status).toBe(200);
  await cut;
  expect(first.stream.rstCode).not.toBe(0);
});

it('a client that takes a piece now and then keeps its place', async () => {
  const slow = unwilling(trial.admin);
  const first = ask(slow, '/a');
  expect(await first.status).toBe(200);
  const client = unwilling(trial.admin);
  const second = ask(client, '/a');
  expect(await second.status).toBe(200);
  now += 20_000;
  slow.settings({ initialWindowSize: 300_000 });
  let taken = 0;
  const beyondOnePiece = new Promise<void>((resolve) => {
    first.stream.on('data', (bytes: Buffer) => {
      taken += bytes.length;
      if (taken > 256 * 1024) resolve();
    });
  });
  await beyondOnePiece;
  const cut = new Promise((resolve) => second.stream.once('close', resolve));
  now += 20_000;
  expect(await ask(client, '/a').status).toBe(200);
  await cut;
  expect(first.stream.closed).toBe(false);
});

it('writes do not wait', async () => {
  const client = http2Client(trial, trial.admin);
  const headers = { 'content-type': 'application/json' };
  const body = { apiVersion: 'v1', kind: 'Page', metadata: { name: 'a' } };
  expect((await client.send('/api/v1/pages', { method: 'POST', headers, body })).status).toBe(201);
  expect(assemblies).toEqual([undefined]);
  client.close();
});

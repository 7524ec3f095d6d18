import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { http2Client, type TrialStream, watchEvents } from '../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../http/trial-server.test-support.ts';
import { encodeObject } from '../storage/encode.ts';

let trial: TrialServer;
let client: ReturnType<typeof http2Client>;
beforeAll(async () => {
  trial = await startTrialServer();
  client = http2Client(trial, trial.admin);
  await once(client.session, 'remoteSettings');
});
afterAll(async () => {
  client.close();
  await trial.close();
});

const watchOf = (namespace: string) => `/apis/example.com/v1/namespaces/${namespace}/widgets?watch=1`;
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `w-${String(index).padStart(2, '0')}`);

const put = (namespace: string, name: string, bytes: number) => putAll(namespace, [name], bytes);

/** Puts objects in one commit. */
async function putAll(namespace: string, names: readonly string[], bytes: number): Promise<void> {
  await trial.store.commit({ operations: names.map((name) => putOperation(namespace, name, bytes)) });
}

function putOperation(namespace: string, name: string, bytes: number) {
  const value = encodeObject({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace },
    ...{ spec: { tags: ['x'.repeat(bytes)] } },
  });
  const key = { resource: 'widgets.example.com', namespace, name };
  return { type: 'put', key, uid: name, value } as const;
}

async function namesOf(stream: TrialStream, count: number): Promise<string[]> {
  const names: string[] = [];
  const events = watchEvents(stream);
  while (names.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    if (value.type !== 'BOOKMARK') names.push(value.object.metadata.name);
  }
  return names;
}

it('a thousand on one connection, a third of them stalled, disturb nobody', async () => {
  // More than a stream's window lets through, and than the server hands over at once: it waits in the connection's memory.
  const large = numbered(40);
  for (const name of large) await put('large', name, 8 * 1024);
  const open = (count: number, namespace: string) =>
    Promise.all(Array.from({ length: count }, () => client.open(watchOf(namespace))));
  const [late, ...stalled] = await open(334, 'large');
  const reading = await open(666, 'small');

  const small = numbered(8);
  const seen = reading.map((stream) => namesOf(stream, small.length));
  for (const name of small) await put('small', name, 100);
  expect(new Set((await Promise.all(seen)).map(String))).toEqual(new Set([String(small)]));
  expect(stalled.filter(({ body }) => body.destroyed)).toEqual([]);

  // Room for others on the same connection, once the server has heard that some have left.
  for (const stream of reading) stream.leave();
  await new Promise((resolve) => client.session.ping(resolve));
  const next = await open(100, 'small');
  expect(await Promise.all(next.map((stream) => namesOf(stream, small.length)))).toEqual(next.map(() => small));

  // Who reads on after all has missed nothing.
  expect(late && (await namesOf(late, large.length))).toEqual(large);
});

it('hundreds that hear of a few changes at once take about as much memory as they send', async () => {
  const streams = await Promise.all(Array.from({ length: 200 }, () => client.open(watchOf('few'))));
  const names = numbered(4);
  const seen = streams.map((stream) => namesOf(stream, names.length));
  const allocated = vi.spyOn(Buffer, 'allocUnsafeSlow');
  try {
    await putAll('few', names, 100);
    expect(new Set((await Promise.all(seen)).map(String))).toEqual(new Set([String(names)]));
    const bytes = allocated.mock.calls.reduce((sum, [size]) => sum + size, 0);
    expect(bytes / streams.length).toBeLessThan(16 * 1024);
  } finally {
    allocated.mockRestore();
    for (const stream of streams) stream.leave();
  }
});

it('a thousand that take nothing have large pieces while few of them wait, and small ones then', async () => {
  const names = numbered(40);
  await putAll('crowd', names, 8 * 1024);
  const other = http2Client(trial, trial.admin);
  await once(other.session, 'remoteSettings');
  const allocated = vi.spyOn(Buffer, 'allocUnsafeSlow');
  const open = () => other.open(watchOf('crowd'));
  try {
    const [first] = await Promise.all(Array.from({ length: 1000 }, open));
    await expect.poll(() => allocated.mock.calls.length).toBeGreaterThanOrEqual(1000);
    const large = allocated.mock.calls.filter(([size]) => size > 100 * 1024);
    expect(large.length).toBeLessThan(700);
    expect(first && (await namesOf(first, names.length))).toEqual(names);
  } finally {
    allocated.mockRestore();
    other.close();
  }
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answered,
  http1Client,
  http2Client,
  type TrialClient,
  type TrialStream,
  watchEvents,
} from '../http/trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from '../http/trial-server.test-support.ts';

let trial: TrialServer;
beforeAll(async () => {
  trial = await startTrialServer({ watch: { bookmarkIntervalMs: 20 } });
});
afterAll(async () => trial.close());

type Events = AsyncGenerator<{ type: string; object: Answered }>;

async function take(events: Events, count: number) {
  const taken: { type: string; object: Answered }[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) break;
    if (next.value.type !== 'BOOKMARK') taken.push(next.value);
  }
  return taken;
}

const summary = (events: readonly { type: string; object: Answered }[]) =>
  events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.spec?.color}`);

describe.each(['http/1.1', 'h2'] as const)('watches over %s', (protocol) => {
  let client: TrialClient;
  beforeAll(() => {
    client = protocol === 'h2' ? http2Client(trial, trial.admin) : http1Client(trial, trial.admin);
  });
  afterAll(() => client.close());

  let run = 0;
  const place = (): string => `/apis/example.com/v1/namespaces/${protocol === 'h2' ? 'two' : 'one'}-${++run}/widgets`;
  const put = async (where: string, name: string, color: string) => {
    const found = await client.send(`${where}/${name}`);
    const headers = { 'content-type': 'application/merge-patch+json' };
    if (found.status === 200) {
      return (await client.send(`${where}/${name}`, { method: 'PATCH', headers, body: { spec: { color } } })).json();
    }
    const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec: { color } };
    return (await client.send(where, { method: 'POST', body })).json();
  };
  const open = async (where: string, query: string, headers = {}): Promise<[TrialStream, Events]> => {
    const stream = await client.open(`${where}?watch=true&${query}`, { headers });
    return [stream, watchEvents(stream)];
  };

  it('are over with their headers when only these are asked for', async () => {
    const answer = await client.send(`${place()}?watch=true`, { method: 'HEAD' });
    expect([answer.status, answer.body.length]).toEqual([200, 0]);
    // A watch that went on would hold up the end of its server.
    const other = await startTrialServer({ shutdown: { graceMs: 2 ** 30 } });
    const own = protocol === 'h2' ? http2Client(other, other.admin) : http1Client(other, other.admin);
    await own.send('/apis/example.com/v1/widgets?watch=true', { method: 'HEAD' });
    own.close();
    await other.close();
  });

  it('sends headers before anything happens, then what happens', async () => {
    const where = place();
    const [stream, events] = await open(where, '');
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'application/json']);
    await put(where, 'a', 'red');
    const last = await put(where, 'a', 'blue');
    await client.send(`${where}/a`, { method: 'DELETE' });
    const seen = await take(events, 3);
    expect(summary(seen)).toEqual(['ADDED a red', 'MODIFIED a blue', 'DELETED a blue']);
    expect(Number(seen[2]?.object.metadata.resourceVersion)).toBeGreaterThan(Number(last.metadata.resourceVersion));
    stream.leave();
  });

  it('resumes after a revision without gap or repetition', async () => {
    const where = place();
    const first = await put(where, 'a', 'red');
    await put(where, 'b', 'green');
    await put(where, 'a', 'blue');
    const [stream, events] = await open(where, `resourceVersion=${first.metadata.resourceVersion}`);
    expect(summary(await take(events, 2))).toEqual(['ADDED b green', 'MODIFIED a blue']);
    stream.leave();
  });

  it('hears of its own namespace, and of no other', async () => {
    const [mine, others] = [place(), place()];
    await put(others, 'theirs', 'red');
    await put(mine, 'mine', 'red');
    const [stream, events] = await open(mine, '');
    await put(others, 'theirs', 'blue');
    await put(mine, 'mine', 'blue');
    expect(summary(await take(events, 2))).toEqual(['ADDED mine red', 'MODIFIED mine blue']);
    stream.leave();
  });

  it('begins now, without what is there, where no initial events are wanted', async () => {
    const where = place();
    await put(where, 'a', 'red');
    const [stream, events] = await open(where, 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan');
    await put(where, 'b', 'blue');
    expect(summary(await take(events, 1))).toEqual(['ADDED b blue']);
    stream.leave();
  });

  it('marks the end of the initial events, and sends bookmarks later', async () => {
    const where = place();
    await put(where, 'a', 'red');
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const [stream, events] = await open(where, query);
    expect((await events.next()).value.type).toBe('ADDED');
    const mark = (await events.next()).value;
    expect(mark).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'Widget',
        apiVersion: 'example.com/v1',
        metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
    const later = (await events.next()).value;
    expect([later.type, later.object.metadata.annotations]).toEqual(['BOOKMARK', undefined]);
    stream.leave();
  });

  it('shows objects that enter and leave a selector as added and deleted', async () => {
    const where = place();
    const [stream, events] = await open(where, 'fieldSelector=spec.color%3Dred');
    await put(where, 'a', 'blue');
    await put(where, 'a', 'red');
    await put(where, 'a', 'green');
    expect(summary(await take(events, 2))).toEqual(['ADDED a red', 'DELETED a red']);
    stream.leave();
  });

  it('sends tables whose first event alone has columns', async () => {
    const where = place();
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const [stream, events] = await open(where, '', { accept });
    await put(where, 'a', 'red');
    await put(where, 'a', 'blue');
    const [one, two] = await take(events, 2);
    expect([one?.object.kind, one?.object.columnDefinitions.length, one?.object.rows[0].cells[1]]).toEqual([
      'Table',
      3,
      'red',
    ]);
    expect([two?.object.columnDefinitions, two?.object.rows[0].cells[1]]).toEqual([null, 'blue']);
    stream.leave();
  });

  it('has the columns in the first table, also where that is a bookmark', async () => {
    const where = place();
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const columns = ({ object }: { object: Answered }): unknown => object.columnDefinitions?.length ?? null;

    const [empty, none] = await open(where, query, { accept });
    const mark = (await none.next()).value;
    expect([mark.type, columns(mark), mark.object.rows[0].object.metadata.annotations]).toEqual([
      'BOOKMARK',
      3,
      { 'k8s.io/initial-events-end': 'true' },
    ]);
    expect(columns((await none.next()).value)).toBeNull();
    await put(where, 'a', 'red');
    expect((await take(none, 1)).map(columns)).toEqual([null]);
    empty.leave();

    const [filled, some] = await open(where, query, { accept });
    const seen = [(await some.next()).value, (await some.next()).value];
    expect(seen.map((event) => [event.type, columns(event)])).toEqual([
      ['ADDED', 3],
      ['BOOKMARK', null],
    ]);
    filled.leave();
  });

  it('lasts for as long as is asked, also for years', async () => {
    const where = place();
    const [stream, events] = await open(where, 'timeoutSeconds=99999999999');
    await put(where, 'a', 'red');
    await put(where, 'a', 'blue');
    expect(summary(await take(events, 2))).toEqual(['ADDED a red', 'MODIFIED a blue']);
    stream.leave();
  });

  it('ends when its time is up, with a last bookmark', async () => {
    const where = place();
    await put(where, 'a', 'red');
    const [, events] = await open(where, 'timeoutSeconds=1&allowWatchBookmarks=true');
    const types: string[] = [];
    for await (const { type } of events) types.push(type);
    expect([types[0], types.at(-1)]).toEqual(['ADDED', 'BOOKMARK']);
  });
});

it('refuses to begin at a revision that has not come yet', async () => {
  const client = http2Client(trial, trial.admin);
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999999';
  const late = await client.send(`/apis/example.com/v1/widgets?${query}`);
  expect(late.body.toString()).toContain('Too large resource version: 99999999');
  client.close();
});

it('ends with the error that breaks it off', async () => {
  const quiet = await startTrialServer();
  const client = http2Client(quiet, quiet.admin);
  const where = '/apis/example.com/v1/namespaces/broken/widgets';
  const stream = await client.open(`${where}?watch=true&allowWatchBookmarks=true&labelSelector=a`);
  const metadata = { name: 'whole', labels: { a: 'b' } };
  await client.send(where, { method: 'POST', body: { apiVersion: 'example.com/v1', kind: 'Widget', metadata } });
  const key = { resource: 'widgets.example.com', namespace: 'broken', name: 'damaged' };
  const value = '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{},"spec":damaged}';
  await quiet.store.commit({ operations: [{ type: 'put', key, uid: 'damaged', value }] });
  const types: string[] = [];
  for await (const { type } of watchEvents(stream)) types.push(type);
  expect(types).toEqual(['BOOKMARK', 'ADDED', 'ERROR']);
  client.close();
  await quiet.close();
});

describe('many watchers', () => {
  it('all see the same change', async () => {
    const client = http2Client(trial, trial.admin);
    const where = '/apis/example.com/v1/namespaces/crowd/widgets';
    const streams = await Promise.all(Array.from({ length: 200 }, () => client.open(`${where}?watch=true`)));
    await client.send(where, {
      method: 'POST',
      body: { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'seen' } },
    });
    const seen = await Promise.all(
      streams.map(async (stream) => (await watchEvents(stream).next()).value.object.metadata.uid),
    );
    expect(new Set(seen).size).toBe(1);
    client.close();
  });
});

describe('clients that do not read', () => {
  it('are disconnected, while others go on', async () => {
    const strict = await startTrialServer({ watch: { maxPendingBytes: 256 * 1024 } });
    const client = http2Client(strict, strict.admin);
    const lazy = http1Client(strict, strict.admin);
    const where = '/apis/example.com/v1/namespaces/slow/widgets';
    const slow = await lazy.open(`${where}?watch=true`);
    const gone = new Promise<void>((resolve) => {
      slow.body.once('close', resolve);
      slow.body.once('error', () => resolve());
    });
    slow.body.pause();
    const quick = await client.open(`${where}?watch=true`);
    const events = watchEvents(quick);
    const filling = 'x'.repeat(500_000);
    let closed = false;
    void gone.then(() => {
      closed = true;
    });
    for (let index = 0; index < 200 && !closed; index++) {
      const metadata = { name: `w-${index}` };
      const body = { apiVersion: 'example.com/v1', kind: 'Widget', metadata, spec: { tags: [filling] } };
      expect((await client.send(where, { method: 'POST', body })).status).toBe(201);
      expect((await events.next()).value.object.metadata.name).toBe(`w-${index}`);
    }
    // The client learns of it when it reads on.
    slow.body.resume();
    await gone;
    expect(slow.body.errored).not.toBeNull();
    client.close();
    lazy.close();
    await strict.close();
  });
});

import { once } from 'node:events';
import { expect, it } from 'vitest';
import { http1Client, http2Client, watchEvents } from './trial-client.ts';
import { startTrialServer } from './trial-server.ts';

const where = '/apis/example.com/v1/namespaces/default/widgets';
const widget = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } });

it('fails readyz first, refuses new requests, finishes writes, ends watches and says goodbye', async () => {
  const trial = await startTrialServer({ shutdown: { delayMs: 100 } });
  const client = http2Client(trial, trial.admin);
  const old = http1Client(trial, trial.admin);
  const watch = await client.open(`${where}?watch=true&allowWatchBookmarks=true`);
  const watched = (async () => {
    const types: string[] = [];
    for await (const { type } of watchEvents(watch)) types.push(type);
    return types;
  })();
  await client.send(where, { method: 'POST', body: widget('before') });

  // A write whose body is still on its way when the server is told to stop.
  const slow = client.session.request({ ':method': 'POST', ':path': where });
  const text = JSON.stringify(widget('during'));
  slow.write(text.slice(0, 10));
  await client.send('/version');

  const goodbye = once(client.session, 'goaway');
  const closed = trial.server.close();
  expect((await client.send('/readyz')).status).toBe(500);
  expect((await old.send('/livez')).status).toBe(200);
  const types = await watched;
  expect(types[0]).toBe('ADDED');
  const refused = await client.send('/version');
  expect([refused.status, refused.headers['retry-after'], refused.json().reason]).toEqual([
    503,
    '1',
    'ServiceUnavailable',
  ]);

  slow.end(text.slice(10));
  const [headers] = await once(slow, 'response');
  expect(headers[':status']).toBe(201);
  slow.resume();
  await goodbye;
  await closed;
  await expect(old.send('/livez')).rejects.toThrow(/ECONNREFUSED|socket hang up|ECONNRESET/);
  client.close();
  old.close();
  await trial.close();
});

it('cuts off what outlasts the grace period', async () => {
  const trial = await startTrialServer({ shutdown: { graceMs: 50 } });
  const client = http2Client(trial, trial.admin);
  client.session.on('error', () => undefined);
  const stuck = client.session.request({ ':method': 'POST', ':path': where });
  stuck.on('error', () => undefined);
  stuck.write('{');
  await client.send('/version');
  await trial.close();
  client.close();
});

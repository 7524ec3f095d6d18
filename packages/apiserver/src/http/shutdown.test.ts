import { once } from 'node:events';
import { constants } from 'node:http2';
import { expect, it } from 'vitest';
import { http1Client, http2Client, watchEvents } from './trial-client.test-support.ts';
import { startTrialServer } from './trial-server.test-support.ts';

const where = '/apis/example.com/v1/namespaces/default/widgets';
const widget = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } });

it('fails readyz first, refuses new requests, finishes writes, ends watches and says goodbye', async () => {
  const trial = await startTrialServer({ shutdown: { delayMs: 1500 } });
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
  await Promise.all([client.send('/version'), old.send('/version')]);

  const goodbye = once(client.session, 'goaway');
  const closed = trial.server.close();
  const [ready, served, toOld] = await Promise.all([
    client.send('/readyz'),
    client.send('/version'),
    old.send('/version'),
  ]);
  expect([ready.status, served.status, toOld.status, toOld.headers.connection]).toEqual([500, 200, 200, 'close']);
  const types = await watched;
  expect(types.slice(0, 2)).toEqual(['BOOKMARK', 'ADDED']);
  // First anything that is still sent is served, RFC 9113 (6.8) says how.
  expect((await goodbye).slice(0, 2)).toEqual([constants.NGHTTP2_NO_ERROR, 2 ** 31 - 1]);
  const late = http2Client(trial, trial.admin);
  const refused = await late.send('/version');
  expect([refused.status, refused.headers['retry-after'], refused.json().reason]).toEqual([
    503,
    '1',
    'ServiceUnavailable',
  ]);

  slow.end(text.slice(10));
  const [headers] = await once(slow, 'response');
  expect(headers[':status']).toBe(201);
  slow.resume();
  await closed;
  await expect(old.send('/livez')).rejects.toThrow(/ECONNREFUSED|socket hang up|ECONNRESET/);
  late.close();
  client.close();
  old.close();
  await trial.close();
});

it('does not wait for a request that goes on after it was cut off', async () => {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<{ allowed: true }>();
  const trial = await startTrialServer({
    shutdown: { graceMs: 50, cutOffMs: 50 },
    authorizer: {
      authorize() {
        begun.resolve();
        return end.promise;
      },
    },
  });
  const client = http2Client(trial, trial.admin);
  client.session.on('error', () => undefined);
  const stuck = client.session.request({ ':path': where });
  stuck.on('error', () => undefined);
  await begun.promise;
  await trial.server.close();
  end.resolve({ allowed: true });
  await trial.close();
  client.close();
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

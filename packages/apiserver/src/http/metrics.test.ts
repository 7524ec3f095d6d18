import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { defaultAuditPolicy } from '../auth/audit/policy.ts';
import { createPrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { encodeObject } from '../storage/encode.ts';
import { http2Client, type TrialClient, watchEvents } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

const registry = new Registry();
let trial: TrialServer;
let client: TrialClient;

beforeAll(async () => {
  trial = await startTrialServer({
    metrics: createPrometheusMetrics(registry),
    limits: { inFlight: { reads: 5, writes: 0 } },
    audit: { policy: defaultAuditPolicy, sink: { write: () => undefined } },
  });
  client = http2Client(trial, trial.admin);
});
afterAll(async () => {
  client.close();
  await trial.close();
});

/** Values by series, `name{label="value",…}` with the labels that are not empty, in alphabetical order. */
async function series(name: string): Promise<Record<string, number>> {
  const metric = (await registry.getMetricsAsJSON()).find((one) => one.name === name);
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels, value }) => {
      const shown = Object.entries(labels).filter(([, text]) => text !== '');
      return [
        shown
          .map(([label, text]) => `${label}=${text}`)
          .sort()
          .join(' '),
        value,
      ];
    }),
  );
}

const widgets = '/apis/example.com/v1/namespaces/one/widgets';

it('counts requests by what they asked for and how they were answered', async () => {
  await client.send(widgets);
  await client.send(`${widgets}/none`);
  await client.send(widgets, { method: 'POST', body: {} });
  const of = 'component=apiserver group=example.com resource=widgets';
  expect(await series('apiserver_request_total')).toEqual({
    [`code=200 ${of} scope=namespace verb=LIST version=v1`]: 1,
    [`code=404 ${of} scope=resource verb=GET version=v1`]: 1,
    [`code=429 ${of} scope=namespace verb=POST version=v1`]: 1,
  });
  expect(await series('apiserver_request_terminations_total')).toEqual({
    [`code=429 ${of} scope=namespace verb=POST version=v1`]: 1,
  });
  expect(await series('apiserver_current_inflight_requests')).toEqual({ 'request_kind=readOnly': 0 });
  expect(await series('authentication_attempts')).toEqual({ 'result=success': 3 });
  expect(await series('authorization_attempts_total')).toEqual({ 'result=allowed': 3 });
  expect(await series('apiserver_audit_level_total')).toEqual({ 'level=Metadata': 3 });
});

it('makes no series for what clients make up', async () => {
  const before = Object.keys(await series('apiserver_request_total')).length;
  for (let index = 0; index < 20; index++) {
    await client.send(`/apis/example.com/v1/made-up-${index}`);
    await client.send(`/apis/group-${index}/v${index}/things/x/sub-${index}`);
    await client.send(`/path-${index}`, { method: index % 2 === 0 ? 'GET' : 'BREW' });
    await client.send(`${widgets}/x/part-${index}`);
  }
  const after = Object.keys(await series('apiserver_request_total'));
  expect(after.length - before).toBeLessThanOrEqual(8);
  expect(after.filter((key) => /made-up|group-|path-|part-|BREW/.test(key))).toEqual([]);
});

it('keeps count of open watches and of their events', async () => {
  const labels = 'component=apiserver group=example.com resource=widgets scope=namespace verb=WATCH version=v1';
  const watch = await client.open(`${widgets}?watch=1`);
  expect(await series('apiserver_longrunning_requests')).toEqual({ [labels]: 1 });
  const key = { resource: 'widgets.example.com', namespace: 'one', name: 'seen' };
  const value = encodeObject({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'seen' } });
  await trial.store.commit({ operations: [{ type: 'put', key, uid: 'a', value }] });
  const { value: event } = await watchEvents(watch).next();
  expect(event.type).toBe('ADDED');
  watch.leave();
  await vi.waitFor(async () => expect(await series('apiserver_longrunning_requests')).toEqual({ [labels]: 0 }), {
    timeout: 60_000,
  });
  const resource = 'group=example.com resource=widgets version=v1';
  expect(await series('apiserver_watch_events_total')).toEqual({ [resource]: 1 });
  expect(await series('apiserver_watch_events_sizes')).toMatchObject({
    [`group=example.com le=1024 resource=widgets version=v1`]: 1,
  });
});

it('serves them as text to whoever may read the path', async () => {
  const answer = await client.send('/metrics');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(answer.body.toString()).toContain('# TYPE apiserver_request_total counter\n');
  const nobody = http2Client(trial, await trial.authority.issueClientCertificate({ name: 'nobody', groups: [] }));
  expect((await nobody.send('/metrics')).status).toBe(403);
  nobody.close();
});

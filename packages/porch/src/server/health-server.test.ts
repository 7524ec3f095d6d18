import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createAuthority, createPrometheusMetrics, type MetricsRegistry } from '@porch/apiserver';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { type HealthServer, type HealthServerOptions, startHealthServer } from './health-server.ts';

let server: HealthServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<HealthServerOptions> = {}): Promise<(path: string) => Promise<Response>> {
  server = await startHealthServer({
    listen: { host: '127.0.0.1', port: 0 },
    check: async () => undefined,
    ...options,
  });
  const { address } = server;
  return (path) => fetch(`${address}${path}`);
}

function metricsWith(name: string): MetricsRegistry {
  const metrics = createPrometheusMetrics(new Registry());
  metrics.counter({ name, help: 'A counter.', labels: [] }).add({});
  return metrics;
}

test('a process that runs says whether it can do its work', async () => {
  let check = async (): Promise<unknown> => undefined;
  const get = await start({ metrics: metricsWith('tried_total'), check: () => check() });
  const codes = () =>
    Promise.all(['/livez', '/healthz', '/readyz?verbose'].map(async (path) => (await get(path)).status));
  expect(await codes()).toEqual([200, 200, 200]);
  check = () => Promise.reject(new Error('the database does not answer'));
  expect(await codes()).toEqual([200, 200, 503]);
  expect(await (await get('/readyz')).text()).toBe('not ready: the database does not answer');
  const exposed = await get('/metrics');
  expect([exposed.status, exposed.headers.get('content-type'), await exposed.text()]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=/),
    expect.stringContaining('tried_total 1\n'),
  ]);
  expect((await get('/apis')).status).toBe(404);
});

test('a process that starts tells clients to come again', async () => {
  const get = await start();
  for (const path of ['/metrics', '/apis/porch.kpt.dev']) {
    const answer = await get(path);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer.json()).toMatchObject({ kind: 'Status', code: 503, reason: 'ServiceUnavailable' });
  }
});

test('with a certificate it speaks HTTPS', async () => {
  const authority = await createAuthority({ name: 'health' });
  await start({ tls: await authority.issueServerCertificate({ hosts: ['127.0.0.1'] }) });
  expect(server?.address).toMatch(/^https:/);
  const asked = request(`${server?.address}/livez`, { ca: authority.certificate }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect([answer.statusCode, await text(answer)]).toEqual([200, 'ok']);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { noMetrics } from '../metrics/metrics.ts';
import { createExchange } from './exchange.ts';
import { inFlightFilter } from './in-flight.ts';
import { parseRequestInfo } from './request-info.ts';
import { createRequestMetrics } from './request-metrics.ts';

it('turns away what is too much, per class, health checks being one, and does not count watches', async () => {
  const release = Promise.withResolvers<void>();
  const filter = inFlightFilter({ reads: 2, writes: 1 }, createRequestMetrics(noMetrics).inFlight);
  const entered: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const exchange = createExchange(request, response, 0);
    exchange.info = parseRequestInfo(exchange.method, exchange.path, exchange.query);
    void filter(exchange, async () => {
      entered.push(exchange.info.verb);
      for (const { count, resolve } of waiting) if (entered.length >= count) resolve();
      await release.promise;
      response.end('done');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = `${root}/api/v1/secrets`;

  const entering = (count: number) =>
    new Promise<void>((resolve) => (entered.length >= count ? resolve() : waiting.push({ count, resolve })));
  const expectRefused = async (requests: readonly (readonly [url: string, method: string])[]) => {
    for (const [url, method] of requests) {
      const refused = await fetch(url, { method });
      expect([method, refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([
        method,
        429,
        '1',
        method === 'HEAD' ? '' : 'Too many requests, please try again later.\n',
      ]);
    }
  };

  const held = [
    fetch(base),
    fetch(base, { method: 'POST' }),
    fetch(`${base}?watch=1`),
    fetch(`${base}?watch=1`),
    fetch(`${root}/livez`),
  ];
  await entering(5);
  // There is room for reads.
  await expectRefused([
    [base, 'POST'],
    [base, 'DELETE'],
    [`${base}/s`, 'PUT'],
    [`${base}/s`, 'PATCH'],
    [`${base}/s`, 'DELETE'],
    [`${root}/api`, 'POST'],
  ]);
  held.push(fetch(`${root}/apis`, { method: 'GET' }), fetch(`${root}/livez`));
  await entering(7);
  await expectRefused([
    [base, 'GET'],
    [base, 'HEAD'],
    [`${base}/s`, 'GET'],
    [`${root}/api`, 'GET'],
    [`${root}/readyz`, 'GET'],
  ]);
  release.resolve();
  for (const response of await Promise.all(held)) expect(await response.text()).toBe('done');
  expect((await fetch(base)).status).toBe(200);
  server.close();
});

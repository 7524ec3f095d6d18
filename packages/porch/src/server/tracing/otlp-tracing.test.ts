import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { traceIdOf } from '@porch/apiserver';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openTracing } from './open-tracing.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-00`;
const request = (headers: Record<string, string> = {}) => ({ name: 'GET', attributes: {}, headers });

it('hands a trace on to whoever is asked next, across awaits, and to nobody else', async () => {
  const { tracing, close } = await openTracing(
    { endpoint: 'http://127.0.0.1:1/v1/traces', samplingRatio: 0 },
    pino({ level: 'silent' }),
  );
  const passedOn = (headers?: Record<string, string>) =>
    tracing.incoming(request(headers), async () => {
      await new Promise(setImmediate);
      return await tracing.span('inner', {}, async () => tracing.headers());
    });
  const [named, unnamed] = await Promise.all([passedOn({ traceparent, tracestate: 'a=b' }), passedOn()]);
  expect([traceIdOf(named['traceparent']), named['tracestate']]).toEqual([traceId, 'a=b']);
  expect(named['traceparent']).not.toContain('00f067aa0ba902b7');
  expect(traceIdOf(unnamed['traceparent'])).not.toBe(traceId);
  expect(tracing.headers()).toEqual({});
  await close();
});

it('keeps no more of what a client has sent than helps to recognise it', async () => {
  const received = Promise.withResolvers<string>();
  const collector = createServer((incoming, outgoing) => {
    text(incoming).then(received.resolve, received.reject);
    outgoing.end('{}');
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  const { tracing, close } = await openTracing({ endpoint, samplingRatio: 0 }, pino({ level: 'silent' }));
  const headers = { traceparent: traceparent.replace(/00$/, '01') };
  const attributes = { 'url.path': `/api/${'x'.repeat(1_000_000)}` };
  await tracing.incoming({ name: 'GET', attributes, headers }, async () => undefined);
  await close();
  const sent = await received.promise;
  expect(sent).toContain('/api/xxx');
  expect(sent.length).toBeLessThan(10_000);
  collector.closeAllConnections();
  collector.close();
});

it('says once that the collector refuses what it is sent', async () => {
  let refused = 0;
  const collector = createServer((incoming, outgoing) => {
    incoming.resume();
    refused++;
    outgoing.writeHead(400).end();
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const lines: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
  const { tracing, close } = await openTracing({ endpoint, samplingRatio: 1 }, logger);
  // More than fit into one batch.
  for (let count = 0; count < 600; count++) await tracing.incoming(request(), async () => undefined);
  await close();
  expect(refused).toBe(2);
  expect(lines).toEqual(['traces could not be sent']);
  collector.closeAllConnections();
  collector.close();
});

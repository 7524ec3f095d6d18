import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { maxParameters, parseQuery } from './query.ts';
import { http1Client, http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
beforeAll(async () => {
  trial = await startTrialServer();
});
afterAll(() => trial.close());

it('has each parameter, with or without a value', () => {
  expect([...(parseQuery('watch&limit=5&&a=b=c&d=%20+') ?? [])]).toEqual([
    ['watch', ''],
    ['limit', '5'],
    ['a', 'b=c'],
    ['d', '  '],
  ]);
  expect([...(parseQuery('a&'.repeat(maxParameters - 1)) ?? [])]).toHaveLength(maxParameters - 1);
});

it('reads no more parameters than a request needs', () => {
  expect(parseQuery('a&'.repeat(maxParameters))).toBeUndefined();
});

it.each([
  ['HTTP/1.1', http1Client, 500_000],
  ['HTTP/2', http2Client, 20_000],
] as const)(
  'refuses a request with many thousands of parameters over %s, whoever sends it',
  async (_, client, count) => {
    const anyone = client(trial);
    const { status, json } = await anyone.send(`/version?${'a&'.repeat(count)}`);
    expect([status, json().message]).toEqual([400, 'the request has more than 1000 parameters']);
    expect((await anyone.send('/version?a&b')).status).toBe(200);
    anyone.close();
  },
);

it('takes no memory for each plus sign, which is a space', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const text = `a=${'x+'.repeat(500_000)}`;
  collect();
  const before = process.memoryUsage().heapUsed;
  const query = parseQuery(text);
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
  expect(query?.get('a')).toBe('x '.repeat(500_000));
});

it('opens no WebSocket for such a request', async () => {
  const admin = http1Client(trial, trial.admin);
  const { status } = await admin.send(`/api/v1/namespaces?watch=1&${'a&'.repeat(maxParameters)}`, {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  });
  expect(status).toBe(400);
  admin.close();
});

import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { http1Client } from './trial-client.test-support.ts';
import { startTrialServer } from './trial-server.test-support.ts';

it('says all that a long document depends on: what was asked for, and how it may be packed', async () => {
  const body = Buffer.alloc(200_000, 'x');
  const headers = { 'content-type': 'text/plain', vary: 'Accept' };
  const trial = await startTrialServer({ discovery: { answer: () => ({ status: 200, headers, body }) } });
  const client = http1Client(trial, trial.admin);
  const packed = await client.send('/long', { headers: { 'accept-encoding': 'gzip' } });
  expect(packed.headers).toMatchObject({ vary: 'Accept, Accept-Encoding', 'content-encoding': 'gzip' });
  expect(gunzipSync(packed.body).equals(body)).toBe(true);
  expect((await client.send('/long')).headers.vary).toBe('Accept, Accept-Encoding');
  client.close();
  await trial.close();
});

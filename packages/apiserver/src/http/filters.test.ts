import { expect, it } from 'vitest';
import type { Authorizer } from '../auth/authorizer.ts';
import { http2Client } from './trial-client.test-support.ts';
import { startTrialServer } from './trial-server.test-support.ts';

/** Lets everyone do everything, and nobody before it is told to. */
function gate(): Authorizer & { open(): void; waiting(count: number): Promise<void> } {
  const opened = Promise.withResolvers<void>();
  const waiters: { count: number; resolve: () => void }[] = [];
  let waiting = 0;
  return {
    async authorize(_, attributes) {
      if (attributes.type === 'path') return { allowed: true };
      waiting++;
      for (const waiter of waiters) if (waiting >= waiter.count) waiter.resolve();
      await opened.promise;
      return { allowed: true };
    },
    open: () => opened.resolve(),
    waiting: (count) => new Promise((resolve) => (waiting >= count ? resolve() : waiters.push({ count, resolve }))),
  };
}

it('answers 504 when a request takes longer than its client allows, and says of a write that it may still happen', async () => {
  const authorizer = gate();
  const trial = await startTrialServer({ authorizer });
  const client = http2Client(trial, trial.admin);
  const answer = await client.send('/api/v1/namespaces?timeout=20ms');
  expect(answer.json()).toMatchObject({
    code: 504,
    reason: 'Timeout',
    message: 'Timeout: request did not complete within the allotted timeout',
  });
  const write = await client.send('/api/v1/namespaces?timeout=20ms', { method: 'POST', body: '{}' });
  expect(write.json()).toMatchObject({
    code: 504,
    reason: 'Timeout',
    message:
      'Timeout: request did not complete within the allotted timeout, but the server may still be processing it; ' +
      'see whether it was carried out before trying again',
  });
  const unlimited = ['1h', '0', '0s', ''].map((timeout) => client.send(`/api/v1/namespaces?timeout=${timeout}`));
  await authorizer.waiting(6);
  await client.send('/version');
  authorizer.open();
  expect((await Promise.all(unlimited)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  client.close();
  await trial.close();
});

it('aborts the work of clients that leave', async () => {
  const seen = Promise.withResolvers<AbortSignal>();
  const authorizer: Authorizer = {
    async authorize(_, __, signal) {
      seen.resolve(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { allowed: true };
    },
  };
  const trial = await startTrialServer({ authorizer });
  const client = http2Client(trial, trial.admin);
  const stream = client.session.request({ ':path': '/api/v1/namespaces' });
  const signal = await seen.promise;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  stream.close();
  await aborted;
  expect(signal.reason).toMatchObject({ name: 'ClientGoneError' });
  client.close();
  await trial.close();
});

it('answers 500 for errors nobody expected', async () => {
  const authorizer: Authorizer = {
    async authorize() {
      throw new TypeError('something broke');
    },
  };
  const trial = await startTrialServer({ authorizer });
  const client = http2Client(trial, trial.admin);
  const answer = await client.send('/api');
  expect(answer.json()).toMatchObject({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: unexpected error; the server's log has it under audit id ${answer.headers['audit-id']}`,
  });
  client.close();
  await trial.close();
});

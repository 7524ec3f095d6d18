import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { http2Client } from './trial-client.test-support.ts';
import { startTrialServer, type TrialServer } from './trial-server.test-support.ts';

let trial: TrialServer;
afterEach(async () => trial.close());

const path = '/apis/example.com/v1/widgets?watch=1';

it('lets a connection leave all of its watches, several times', async () => {
  trial = await startTrialServer();
  const client = http2Client(trial, trial.admin);
  for (let round = 0; round < 10; round++) {
    const watches = await Promise.all(Array.from({ length: 200 }, () => client.open(path)));
    const left = watches.map(({ body }) => once(body, 'close'));
    for (const watch of watches) watch.leave();
    await Promise.all(left);
  }
  expect((await client.send('/healthz')).status).toBe(200);
  client.close();
});

it('cuts a connection that opens requests only to break them off', async () => {
  // Few enough for any machine to break off more.
  trial = await startTrialServer({ limits: { resets: { burst: 100, perSecond: 1 } } });
  const { session, close } = http2Client(trial, trial.admin);
  let failure: Error | undefined;
  session.on('error', (error) => {
    failure = error;
  });
  const over = new Promise<void>((resolve) => session.once('close', resolve));
  const flood = (): void => {
    if (session.destroyed || session.closed) return;
    for (let index = 0; index < 500; index++) {
      const stream = session.request({ ':path': path });
      // What becomes of one request does not matter.
      stream.on('error', () => undefined);
      stream.close(8);
    }
    session.ping((lost) => (lost === null ? flood() : undefined));
  };
  flood();
  await over;
  expect(failure?.message).toMatch(/Session closed/);
  close();
});

import pino from 'pino';
import { expect, test } from 'vitest';
import { startHealthServer } from './health-server.ts';
import { StartupError, UnreachableError } from './startup-error.ts';
import { createWaiting, notReady } from './when-reachable.ts';

/** Waiting whose health can be asked. */
function openWaiting() {
  const stop = new AbortController();
  let address = '';
  const whenReachable = createWaiting({
    logger: pino({ level: 'silent' }),
    stop: stop.signal,
    firstPauseMs: 1,
    health: async () => {
      const health = await startHealthServer({ listen: { host: '127.0.0.1', port: 0 }, check: notReady });
      address = health.address;
      return health;
    },
  });
  return { whenReachable, stop, get: (path: string) => fetch(`${address}${path}`) };
}

test('tries again while something is away, and tells meanwhile that it lives and is not ready, but not where it looks', async () => {
  const { whenReachable, get } = openWaiting();
  const seen: unknown[] = [];
  let attempts = 0;
  const opened = await whenReachable(async () => {
    attempts += 1;
    if (attempts < 3) throw new UnreachableError(`the database is away (${attempts})`);
    for (const path of ['/livez', '/readyz', '/apis']) {
      const answer = await get(path);
      seen.push([answer.status, answer.headers.get('retry-after'), await answer.text()]);
    }
    return 'open';
  });
  expect(opened).toBe('open');
  expect(seen).toEqual([
    [200, null, 'ok'],
    [503, null, 'not ready: it waits for its database or its cluster; the log says why'],
    [503, '1', expect.stringContaining('"reason":"ServiceUnavailable"')],
  ]);
  await expect(get('/livez')).rejects.toThrow();
});

test('fails at once with what time does not heal', async () => {
  const { whenReachable } = openWaiting();
  let attempts = 0;
  const wrong = whenReachable(async () => {
    attempts += 1;
    throw new StartupError('the password is wrong');
  });
  await expect(wrong).rejects.toThrow('the password is wrong');
  expect(attempts).toBe(1);
});

test('ends when it is told to, also in the middle of an attempt', async () => {
  const { whenReachable, stop } = openWaiting();
  const reason = new Error('SIGTERM');
  const hanging = whenReachable(() => {
    stop.abort(reason);
    return new Promise(() => undefined);
  });
  await expect(hanging).rejects.toBe(reason);
  await expect(whenReachable(async () => 'too late')).rejects.toBe(reason);
});

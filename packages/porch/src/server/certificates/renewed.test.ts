import type { KeyPair } from '@porch/apiserver';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { openRenewed } from './renewed.ts';

const pair = (name: string): { server: KeyPair } => ({ server: { certificate: name, key: name } });

it('tells nobody of what it finds while it is being closed, and waits until that look is over', async () => {
  const found = Promise.withResolvers<{ server: KeyPair }>();
  let looks = 0;
  const load = () => (looks++ === 0 ? Promise.resolve(pair('old')) : found.promise);
  const renewed = await openRenewed({ load, everyMs: 1, logger: pino({ level: 'silent' }) });
  let told = false;
  renewed.onChange(() => {
    told = true;
  });
  await vi.waitUntil(() => looks === 2, { timeout: 60_000 });
  let isClosed = false;
  const closing = renewed.close().then(() => {
    isClosed = true;
  });
  await Promise.resolve();
  expect(isClosed).toBe(false);
  found.resolve(pair('new'));
  await closing;
  expect([told, renewed.current.server.key]).toEqual([false, 'old']);
});

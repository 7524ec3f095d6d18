import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore, StoreUnavailableError } from '@porch/apiserver';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startHealthServer } from './health-server.ts';
import { storeCheck } from './store-check.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-check-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('says whether the store answers, and why it does not to the log alone', async () => {
  const logged: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const store = await openSqliteStore({ directory });
  let isLost = false;
  const commit: typeof store.commit = (set) =>
    isLost ? Promise.reject(new StoreUnavailableError('connect ECONNREFUSED 10.0.0.5:5432')) : store.commit(set);
  const listen = { host: '127.0.0.1', port: 0 };
  const health = await startHealthServer({ listen, check: storeCheck({ commit }, logger) });
  const ready = async () => {
    const answer = await fetch(`${health.address}/readyz`);
    return [answer.status, await answer.text()];
  };
  expect(await ready()).toEqual([200, 'ok']);
  isLost = true;
  expect(await ready()).toEqual([503, 'not ready: the database does not answer; the log says why']);
  expect(logged).toEqual([expect.stringContaining('10.0.0.5:5432')]);
  await health.close();
  await store.close();
});

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noMetrics } from '@porch/apiserver';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDataFiles } from '../data-files.ts';
import { Backups } from './backups.ts';

const frequencyMs = 60_000;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backups-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(root, { recursive: true });
});

test('a backup that takes longer than the time between two is the only one, and the last when the server stops', async () => {
  const directory = join(root, 'backups');
  const copied = Promise.withResolvers<void>();
  let begun = 0;
  const store = {
    backup: async (path: string) => {
      begun++;
      await copied.promise;
      await writeFile(path, '');
    },
  };
  const backups = new Backups({
    store,
    files: await openDataFiles(join(root, 'data')),
    settings: { directory, frequencyMs, keep: 3 },
    clock: () => new Date(Date.UTC(2026, 10, 27, 4, 14, begun)),
    logger: pino({ level: 'silent' }),
    metrics: noMetrics,
  });
  backups.start();
  vi.advanceTimersByTime(3 * frequencyMs);
  copied.resolve();
  await backups.close();
  expect(begun).toBe(1);
  expect(await readdir(directory)).toHaveLength(1);
});

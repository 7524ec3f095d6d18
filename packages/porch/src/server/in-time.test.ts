import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { GitProcesses } from '../git/broker/git-processes.ts';
import { startBroker } from '../git/broker/start-broker.ts';
import { inTime } from './in-time.ts';

let directory: string;
let processes: GitProcesses;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'porch-in-time-'));
  processes = await startBroker({ directory, logger: pino({ level: 'silent' }) });
});
afterEach(async () => {
  await processes.close();
  await rm(directory, { recursive: true, force: true });
});

it('brings git processes to an end that would go on', async () => {
  const hanging = processes.run({ args: ['-c', 'alias.hang=!sleep 1000', 'hang'] });
  await inTime(
    20,
    () => void processes.endAll(),
    async () => {
      expect((await hanging).exitCode).toBe(128 + 9);
    },
  );
});

it('leaves alone what ends by itself', async () => {
  const late = (): void => expect.fail('it was in time');
  await inTime(600_000, late, async () => void (await processes.run({ args: ['--version'] })));
  await expect(
    inTime(600_000, late, async () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
});

it('ends nothing later that was over in time', async () => {
  vi.useFakeTimers();
  try {
    const late = vi.fn();
    await inTime(10, late, async () => undefined);
    await vi.advanceTimersByTimeAsync(100);
    expect(late).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KeptLog, keptLog } from '../../../../e2e/harness/kept-log.ts';
import { DiscoveryMemories } from './discovery-memories.ts';
import type { Mirror } from './types.ts';

let directory: string;
let log: KeptLog;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-memories-'));
  log = keptLog('warn');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function memories(): DiscoveryMemories {
  return new DiscoveryMemories(log.logger);
}

test('a memory that cannot be read begins with nothing', async () => {
  mkdirSync(join(directory, 'discovered'));
  const mirror = { directory } as Mirror;
  const opened = memories();
  const memory = await opened.of(mirror);
  expect(await opened.of(mirror)).toBe(memory);
  expect(log.text).toContain('cannot be read');
  memory.learnBarren('t');
  await opened.save(mirror);
  expect(memory.isBarren('t')).toBe(true);
});

test('a memory that cannot be written is used as it is', async () => {
  const mirror = { directory } as Mirror;
  const opened = memories();
  const memory = await opened.of(mirror);
  memory.learnBarren('t');
  rmSync(directory, { recursive: true });
  await opened.save(mirror);
  expect(log.text).toContain('will be read again after a restart');
  expect((await opened.of(mirror)).isBarren('t')).toBe(true);
});

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiscoveryMemories } from './discovery-memories.ts';
import type { Mirror } from './types.ts';

let directory: string;
let logged: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'porch-memories-'));
  logged = '';
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function memories(): DiscoveryMemories {
  const log = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  return new DiscoveryMemories(pino({ level: 'warn' }, log));
}

test('a memory that cannot be read begins with nothing', async () => {
  mkdirSync(join(directory, 'discovered'));
  const mirror = { directory } as Mirror;
  const opened = memories();
  const memory = await opened.of(mirror);
  expect(await opened.of(mirror)).toBe(memory);
  expect(logged).toContain('cannot be read');
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
  expect(logged).toContain('will be read again after a restart');
  expect((await opened.of(mirror)).isBarren('t')).toBe(true);
});

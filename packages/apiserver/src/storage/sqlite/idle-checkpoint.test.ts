import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase } from './database.ts';
import { IdleCheckpoint } from './idle-checkpoint.ts';

let directory: string;
let file: string;
let database: DatabaseSync;
let checkpoint: IdleCheckpoint;

beforeEach(async () => {
  vi.useFakeTimers();
  directory = await mkdtemp(join(tmpdir(), 'store-checkpoint-'));
  file = join(directory, 'store.db');
  database = openDatabase(file);
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  database.exec("INSERT INTO contents VALUES ('d', 0, randomblob(100000))");
  checkpoint = new IdleCheckpoint(database);
});

afterEach(async () => {
  checkpoint.close();
  database.close();
  vi.useRealTimers();
  await rm(directory, { recursive: true, force: true });
});

const isCopied = (): boolean => statSync(file).size > 100_000;

test('waits for enough changes, and until nobody asks for anything', () => {
  checkpoint.noticed(499);
  vi.advanceTimersByTime(10_000);
  expect(isCopied()).toBe(false);
  for (let read = 0; read < 10; read++) {
    checkpoint.noticed(1);
    vi.advanceTimersByTime(49);
  }
  expect(isCopied()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(isCopied()).toBe(true);
});

test('does not wait when much has been written', () => {
  checkpoint.noticed(600);
  checkpoint.noticed(3399);
  expect(isCopied()).toBe(false);
  checkpoint.noticed(1);
  expect(isCopied()).toBe(true);
});

test('does nothing after it was closed', () => {
  checkpoint.noticed(600);
  checkpoint.close();
  vi.advanceTimersByTime(10_000);
  expect(isCopied()).toBe(false);
});

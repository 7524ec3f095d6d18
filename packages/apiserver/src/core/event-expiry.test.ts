import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWatchCache } from '../storage/create-watch-cache.ts';
import { encodeObject } from '../storage/encode.ts';
import { openSqliteStore } from '../storage/sqlite/open.ts';
import type { Store } from '../storage/store.ts';
import type { WatchCache } from '../storage/watch-cache-api.ts';
import { EventExpiry } from './event-expiry.ts';

const start = Date.parse('2026-01-02T12:00:00Z');
const minute = 60_000;

let directory: string;
let store: Store;
let cache: WatchCache;
let expiry: EventExpiry;
let now: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'events-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map([['events', {}]]) });
  now = start;
  expiry = watchOver();
});

function watchOver(): EventExpiry {
  const logger = pino({ level: 'silent' });
  return new EventExpiry({ store, cache, logger, keepMs: 60 * minute, everyMs: 60 * minute, now: () => now });
}

afterEach(async () => {
  await expiry.close();
  await store.close();
  await rm(directory, { recursive: true });
});

async function put(resource: string, namespace: string, name: string, fields: object = {}): Promise<void> {
  const metadata = { name, namespace, creationTimestamp: '2026-01-02T10:00:00Z' };
  const value = encodeObject({ apiVersion: 'v1', kind: 'Event', metadata, ...fields });
  await store.commit({ operations: [{ type: 'put', key: { resource, namespace, name }, uid: name, value }] });
}

const names = () => cache.list('events').items.map(({ key }) => key.name);

test('events that were there before say themselves when they last happened, not later than now', async () => {
  await put('events', 'a', 'old', { lastTimestamp: '2026-01-02T10:59:59Z' });
  await put('events', 'a', 'recurring', { lastTimestamp: '2026-01-02T11:00:00Z' });
  await put('events', 'a', 'series', { series: { lastObservedTime: '2026-01-02T11:30:00.123456Z' } });
  await put('events', 'a', 'timeless');
  await put('events', 'a', 'to come', { lastTimestamp: '2126-01-02T11:00:00Z' });
  await expiry.close();
  expiry = watchOver();
  await expiry.sweep();
  expect(names()).toEqual(['recurring', 'series', 'to come']);
  now += 61 * minute;
  await expiry.sweep();
  expect(names()).toEqual([]);
});

test('others are kept for as long after they were last written, whatever clock their writers have', async () => {
  for (const [name, lastTimestamp] of [
    ['behind', '2016-01-02T12:00:00Z'],
    ['ahead', '2126-01-02T12:00:00Z'],
    ['again', '2016-01-02T12:00:00Z'],
  ] as const)
    await put('events', 'a', name, { lastTimestamp });
  await expiry.sweep();
  now += 59 * minute;
  await put('events', 'a', 'again', { lastTimestamp: '2016-01-02T12:00:01Z' });
  await expiry.sweep();
  expect(names()).toEqual(['again', 'ahead', 'behind']);
  now += 2 * minute;
  await expiry.sweep();
  expect(names()).toEqual(['again']);
  now += 59 * minute;
  await expiry.sweep();
  expect(names()).toEqual([]);
});

test('events go with their namespace', async () => {
  await put('events', 'a', 'one', { lastTimestamp: '2026-01-02T11:59:00Z' });
  await put('events', 'b', 'two', { lastTimestamp: '2026-01-02T11:59:00Z' });
  await put('namespaces', '', 'a');
  await store.commit({ operations: [{ type: 'delete', key: { resource: 'namespaces', namespace: '', name: 'a' } }] });
  await expiry.sweep();
  expect(names()).toEqual(['two']);
});

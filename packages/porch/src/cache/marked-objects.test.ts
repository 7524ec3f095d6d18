import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWatchCache, openSqliteStore, type Store, type WatchCache } from '@porch/apiserver';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { conflictsIn, type MarkedObjects } from './marked-objects.ts';
import { putRecord, type RevisionState } from './records.ts';
import { stateKey } from './revision-cache.ts';

const state: RevisionState = { repository: 'r', path: 'p', refs: {}, tip: null, base: null, pending: [] };
const conflict = { ...state, conflict: 'a'.repeat(40) };

let directory: string;
let store: Store;
let cache: WatchCache;
let marked: MarkedObjects;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-marked-'));
  store = await openSqliteStore({ directory });
  cache = await createWatchCache({ store, definitions: new Map() });
  marked = conflictsIn(cache);
});
afterEach(async () => {
  marked.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const put = (name: string, value: RevisionState, namespace = 'default') =>
  store.commit({ operations: [putRecord(stateKey(namespace, name), value)] });
const remove = (name: string) => store.commit({ operations: [{ type: 'delete', key: stateKey('default', name) }] });
const names = () => marked.keys().map(({ name }) => name);

test('knows what has the mark, until it has lost it or is gone', async () => {
  await put('r.before.w', conflict);
  await put('r.plain.w', state);
  expect(names()).toEqual(['r.before.w']);
  await put('r.after.w', conflict);
  await put('r.plain.w', { ...state, path: 'q' });
  expect(names()).toEqual(['r.before.w', 'r.after.w']);
  await put('r.before.w', state);
  await remove('r.after.w');
  expect(names()).toEqual([]);
  await put('r.after.w', conflict);
  expect(marked.has('default', 'r.after.w')).toBe(true);
  expect(marked.has('other', 'r.after.w')).toBe(false);
});

test('tells of what gets the mark or loses it, and of nothing else', async () => {
  await put('r.a.w', conflict);
  const told: string[] = [];
  const stop = marked.onChange(({ key }) => told.push(`${key.name} ${marked.has('default', key.name)}`));
  await put('r.a.w', { ...conflict, path: 'q' });
  await put('r.b.w', state);
  await put('r.b.w', conflict);
  await put('r.a.w', state);
  await remove('r.b.w');
  await put('r.c.w', conflict, 'other');
  expect(told).toEqual(['r.b.w true', 'r.a.w false', 'r.b.w false', 'r.c.w false']);
  stop();
  await put('r.a.w', conflict);
  expect(told).toHaveLength(4);
});

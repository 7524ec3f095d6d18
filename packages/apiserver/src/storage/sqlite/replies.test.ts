import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodedObject, type Store } from '../store.ts';
import { putThing } from '../store-suite.test-support.ts';
import { openSqliteStore } from './open.ts';

async function openStore(): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'store-replies-'));
  const store = await openSqliteStore({ directory });
  onTestFinished(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

test('those who are told of a put have its object where the writer has given it, and only then', async () => {
  const store = await openStore();
  const object = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' }, unclonable: () => undefined };
  const told: unknown[] = [];
  store.onCommit((changes) => told.push(...changes.map(({ decoded }) => decoded)));
  const operations = [{ ...putThing('a'), [decodedObject]: object }, putThing('b')] as const;
  const { changes } = await store.commit({ operations });
  expect(told).toEqual([object, undefined]);
  expect(told[0]).toBe(object);
  expect(changes.map(({ object: { value } }) => JSON.parse(value).metadata.name)).toEqual(['a', 'b']);
  const { changes: logged } = await store.changesAfter(1, 10);
  expect(logged.map(({ object: { key }, decoded }) => [key.name, decoded])).toEqual([
    ['a', undefined],
    ['b', undefined],
  ]);
});

test('listeners of a large group leave turns to others, and are told of everything in order before the writers', async () => {
  const store = await openStore();
  let turn = 0;
  let counting = setImmediate(function count() {
    turn++;
    counting = setImmediate(count);
  });
  const told: string[] = [];
  const inOneTurn = new Map<number, number>();
  store.onCommit((changes) => {
    for (const end = performance.now() + 3; performance.now() < end; );
    told.push(...changes.map(({ object }) => object.key.name));
    inOneTurn.set(turn, (inOneTurn.get(turn) ?? 0) + 1);
  });
  const names = Array.from({ length: 30 }, (_, index) => `thing-${index}`);
  await Promise.all(
    names.map(async (name) => {
      await store.commit({ operations: [putThing(name)] });
      expect(told).toContain(name);
    }),
  );
  clearImmediate(counting);
  expect(told).toEqual(names);
  expect(Math.max(...inOneTurn.values())).toBeLessThan(4);
});

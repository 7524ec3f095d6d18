import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { putThing } from '../store-suite.test-support.ts';
import { openSqliteStore } from './open.ts';

test('listeners of a large group leave turns to others, and are told of everything in order before the writers', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'store-replies-'));
  const store = await openSqliteStore({ directory });
  onTestFinished(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
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

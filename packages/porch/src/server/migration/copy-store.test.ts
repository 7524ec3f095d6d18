import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWatchCache, openSqliteStore, type Store, StoreNotEmptyError } from '@porch/apiserver';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { beats, leases, members, putRecord, tombstones } from '../../cache/records.ts';
import { copyStore } from './copy-store.ts';
import { requireWhole } from './unfinished-move.ts';

let directory: string;
let source: Store;
let target: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'porch-copy-'));
  source = await openSqliteStore({ directory: join(directory, 'source') });
  target = await openSqliteStore({ directory: join(directory, 'target'), continuesAfter: 500 });
});
afterEach(async () => {
  await source.close();
  await target.close();
  rmSync(directory, { recursive: true, force: true });
});

const text = new TextEncoder().encode('the files of a package');
const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
const key = (name: string, resource = 'packagerevisions.porch.kpt.dev') => ({ resource, namespace: 'default', name });
const object = (name: string, content?: string, labels = {}) => {
  const value = JSON.stringify({ apiVersion: 'v1', kind: 'Example', metadata: { name, labels } });
  return { type: 'put', key: key(name), uid: `uid-${name}`, value, content } as const;
};
const without = { revision: undefined, contentRevision: undefined };

it('copies objects in the order of their changes, content once, and nothing of the processes', async () => {
  const names = Array.from({ length: 450 }, (_, n) => `o-${n}`);
  await source.commit({
    operations: names.map((name) => object(name, digest)),
    content: [{ digest, bytes: text }],
  });
  await source.commit({ operations: [object('o-0', digest, { changed: 'yes' })] });
  const left = [members, beats, leases].map((resource) => putRecord(key('x', resource), {}, 0));
  await source.commit({ operations: [...left, putRecord(key('kept', tombstones), { incarnation: 2 }, 0)] });
  const more = [putRecord(key('added', tombstones), { incarnation: 1 }, 0)];

  expect(await copyStore(source, await source.snapshot(), target, more)).toEqual({ objects: 451, contents: 1 });
  const { objects } = await target.snapshot();
  const order = objects.toSorted((a, b) => a.revision - b.revision).map((each) => each.key.name);
  expect(order.toSorted()).toEqual([...names, 'kept', 'added'].toSorted());
  expect(order.slice(-3)).toEqual(['o-0', 'kept', 'added']);
  const before = (await source.snapshot()).objects.find((each) => each.key.name === 'o-7');
  const after = objects.find((each) => each.key.name === 'o-7');
  expect({ ...after, ...without }).toEqual({ ...before, ...without });
  expect(after?.revision).toBeGreaterThan(1_000_000_000);
  expect(await target.content(digest)).toEqual(text);
  requireWhole(await createWatchCache({ store: target, definitions: new Map() }));
});

it('leaves a store that no server starts on when it fails half-way', async () => {
  await source.commit({ operations: [object('o', digest)], content: [{ digest, bytes: text }] });
  const failing = { content: async () => Promise.reject(new Error('the disk has failed')) };
  await expect(copyStore(failing, await source.snapshot(), target, [])).rejects.toThrow('the disk has failed');
  const objects = await createWatchCache({ store: target, definitions: new Map() });
  expect(() => requireWhole(objects)).toThrow(/did not finish; empty it, and move the other one again/);
});

it('leaves such a store too when what belongs to it cannot be kept', async () => {
  await source.commit({ operations: [object('o', digest)], content: [{ digest, bytes: text }] });
  const copied = copyStore(source, await source.snapshot(), target, [], () => Promise.reject(new Error('no room')));
  await expect(copied).rejects.toThrow('no room');
  const objects = await createWatchCache({ store: target, definitions: new Map() });
  expect(() => requireWhole(objects)).toThrow(/did not finish; empty it, and move the other one again/);
});

it('names the object whose content is lost', async () => {
  await source.commit({ operations: [object('o', digest)], content: [{ digest, bytes: text }] });
  const lost = { content: async () => undefined };
  await expect(copyStore(lost, await source.snapshot(), target, [])).rejects.toThrow(
    `the store has lost the content ${digest} of packagerevisions.porch.kpt.dev default/o`,
  );
});

it('begins no store where one is', async () => {
  const path = join(directory, 'other');
  const other = await openSqliteStore({ directory: path });
  await other.commit({ operations: [object('o')] });
  await other.close();
  await expect(openSqliteStore({ directory: path, continuesAfter: 500 })).rejects.toThrow(StoreNotEmptyError);
});

/** The tests every driver must pass; a driver's own test file calls `describeStore`. Needs vitest, so it is in no entry point. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeObject } from './encode.ts';
import type { Change, ObjectKey, Store, WriteOperation } from './store.ts';

/** What the suite needs to know of a driver. */
export interface StoreDriver {
  /** Opens the store of a directory, the same one when called again. */
  open(directory: string): Promise<Store>;
  /**
   * A module that, run with a directory and the number of a round as its arguments, opens the store there and puts objects
   * `things/w<writer>-<round>-<n>` from several writers until it is killed, printing `<name> <revision>` for every put that was committed.
   */
  readonly crashWriter: URL;
}

/** Key of an object of the tests. */
export function thingKey(name: string, namespace = 'default'): ObjectKey {
  return { resource: 'things.example.com', namespace, name };
}

/** An object of the tests, encoded. */
export function thingValue(name: string, spec: Record<string, unknown> = {}): string {
  return encodeObject({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec,
  } as never);
}

/** Puts an object of the tests. */
export function putThing(
  name: string,
  spec: Record<string, unknown> = {},
  more: { expected?: number; content?: string | null; renewsContent?: boolean; uid?: string } = {},
): WriteOperation {
  return { type: 'put', key: thingKey(name), uid: `uid-${name}`, value: thingValue(name, spec), ...more };
}

function blob(text: string) {
  const bytes = Buffer.from(text);
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

/** The tests that every driver of the store has to pass. */
export function describeStore(name: string, driver: StoreDriver): void {
  describe(name, () => {
    let directory: string;
    let store: Store;

    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'store-suite-'));
      store = await driver.open(directory);
    });

    afterEach(async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    });

    const reopen = async () => {
      await store.close();
      store = await driver.open(directory);
    };
    const allChanges = async (after: number): Promise<readonly Change[]> =>
      (await store.changesAfter(after, 1_000_000)).changes;

    test('begins at revision 1, empty', async () => {
      expect(await store.snapshot()).toMatchObject({ revision: 1, objects: [], changes: [] });
    });

    test('a write set takes consecutive revisions and is seen by listeners before commit resolves', async () => {
      const seen: (readonly Change[])[] = [];
      const end = store.onCommit((changes) => seen.push(changes));
      const result = await store.commit({ operations: [putThing('a'), putThing('b')] });
      expect(result.changes.map((change) => change.revision)).toEqual([2, 3]);
      expect(result.revision).toBe(3);
      expect(seen).toEqual([result.changes]);
      expect(result.changes[0]).toEqual({
        type: 'put',
        revision: 2,
        previousRevision: 0,
        object: {
          key: thingKey('a'),
          uid: 'uid-a',
          revision: 2,
          value: thingValue('a'),
          content: null,
          contentRevision: 0,
        },
      });
      end();
      await store.commit({ operations: [putThing('c')] });
      expect(seen).toHaveLength(1);
    });

    test('concurrent writers: each is committed once, revisions are unique and without gaps', async () => {
      const heard: number[] = [];
      store.onCommit((changes) => heard.push(...changes.map((change) => change.revision)));
      const results = await Promise.all(
        Array.from({ length: 300 }, (_, n) =>
          store.commit({ operations: [putThing(`t${n}`, { n }, { expected: 0 })] }),
        ),
      );
      const revisions = results.map((result) => result.changes[0]?.revision);
      expect(revisions).toEqual(Array.from({ length: 300 }, (_, n) => n + 2));
      expect(heard).toEqual(revisions);
      const { objects, revision } = await store.snapshot();
      expect(revision).toBe(301);
      expect(new Set(objects.map((object) => object.key.name)).size).toBe(300);
    });

    test('of concurrent updates of one revision exactly one wins', async () => {
      await store.commit({ operations: [putThing('a', { n: 0 })] });
      let heard = 0;
      store.onCommit((changes) => {
        heard = changes.at(-1)?.revision ?? heard;
      });
      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, n) =>
          store
            .commit({ operations: [putThing('a', { n: n + 1 }, { expected: 2 })] })
            // Who fails may try again at once on what is there.
            .finally(() => expect(heard).toBe(3)),
        ),
      );
      const failed = attempts.filter((attempt) => attempt.status === 'rejected');
      expect(failed).toHaveLength(19);
      for (const { reason } of failed) {
        expect(reason).toMatchObject({ name: 'PreconditionFailedError', key: thingKey('a'), expected: 2, actual: 3 });
      }
      expect((await store.snapshot()).revision).toBe(3);
    });

    test('a failed precondition leaves nothing behind, not even the steps before it', async () => {
      await store.commit({ operations: [putThing('a')] });
      const attempts: WriteOperation[][] = [
        [putThing('b'), putThing('a', { n: 1 }, { expected: 0 })],
        [putThing('b'), { type: 'delete', key: thingKey('a'), expected: 7 }],
        [putThing('b'), { type: 'delete', key: thingKey('missing'), expected: 7 }],
        [putThing('b'), { type: 'delete', key: thingKey('a'), expected: 0 }],
      ];
      for (const operations of attempts) {
        await expect(store.commit({ operations })).rejects.toMatchObject({ name: 'PreconditionFailedError' });
      }
      await expect(
        store.commit({ preconditions: [{ key: thingKey('a'), revision: 0 }], operations: [putThing('b')] }),
      ).rejects.toMatchObject({ expected: 0, actual: 2 });
      const { revision, objects } = await store.snapshot();
      expect([revision, objects.length]).toEqual([2, 1]);
      const next = await store.commit({
        preconditions: [
          { key: thingKey('a'), revision: 2 },
          { key: thingKey('missing'), revision: 0 },
        ],
        operations: [putThing('b')],
      });
      expect(next.revision).toBe(3);
    });

    test('a failing write set does not touch others of its group', async () => {
      await store.commit({ operations: [putThing('a')] });
      const [first, second, third] = await Promise.allSettled([
        store.commit({ operations: [putThing('b')] }),
        store.commit({ operations: [putThing('c'), putThing('a', {}, { expected: 0 })] }),
        store.commit({ operations: [putThing('d')] }),
      ]);
      expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const names = (await store.snapshot()).objects.map((object) => object.key.name).sort();
      expect(names).toEqual(['a', 'b', 'd']);
      expect((await store.snapshot()).revision).toBe(4);
    });

    test('a put that changes nothing takes no revision and makes no event', async () => {
      await store.commit({ operations: [putThing('a', { n: 1 })] });
      const heard: unknown[] = [];
      store.onCommit((changes) => heard.push(changes));
      expect(await store.commit({ operations: [putThing('a', { n: 1 }, { expected: 2 })] })).toEqual({
        revision: 2,
        changes: [],
      });
      expect(heard).toEqual([]);
      expect((await store.commit({ operations: [putThing('a', { n: 1 }, { uid: 'other' })] })).changes).toHaveLength(1);
    });

    test('merge patches what is there at that moment and leaves what is gone alone', async () => {
      await store.commit({ operations: [putThing('a', { keep: 1, drop: 2, deep: { x: 1 } })] });
      const patch = { spec: { drop: null, deep: { y: 2 }, added: [1] }, metadata: { labels: { latest: 'true' } } };
      const { changes } = await store.commit({
        operations: [
          { type: 'merge', key: thingKey('a'), patch },
          { type: 'merge', key: thingKey('gone'), patch },
        ],
      });
      expect(changes).toHaveLength(1);
      expect(changes[0]?.object.value).toBe(
        encodeObject({
          apiVersion: 'example.com/v1',
          kind: 'Thing',
          metadata: { name: 'a', namespace: 'default', uid: 'uid-a', labels: { latest: 'true' } },
          spec: { keep: 1, deep: { x: 1, y: 2 }, added: [1] },
        } as never),
      );
      expect((await store.commit({ operations: [{ type: 'merge', key: thingKey('a'), patch }] })).changes).toEqual([]);
    });

    test('a merge that takes the last label away leaves no labels, as with any other write', async () => {
      await store.commit({ operations: [putThing('a', {})] });
      const labelled = (value: string | null): WriteOperation => ({
        type: 'merge',
        key: thingKey('a'),
        patch: { metadata: { labels: { latest: value } } },
      });
      await store.commit({ operations: [labelled('true')] });
      const { changes } = await store.commit({ operations: [labelled(null)] });
      expect(changes[0]?.object.value).toBe(thingValue('a', {}));
    });

    test('deleting keeps the last state in the change, and the name can be used again', async () => {
      await store.commit({ operations: [putThing('a', { n: 1 })] });
      const { changes } = await store.commit({ operations: [{ type: 'delete', key: thingKey('a'), expected: 2 }] });
      expect(changes).toMatchObject([
        { type: 'delete', revision: 3, previousRevision: 2, object: { revision: 3, value: thingValue('a', { n: 1 }) } },
      ]);
      for (const more of [{}, { expected: 0 }]) {
        const deleted = await store.commit({ operations: [{ type: 'delete', key: thingKey('a'), ...more }] });
        expect(deleted.changes).toEqual([]);
      }
      const again = await store.commit({ operations: [putThing('a', {}, { expected: 0 })] });
      expect(again.changes).toMatchObject([{ revision: 4, previousRevision: 0 }]);
    });

    test('content: kept, replaced, removed, and numbered by its own changes', async () => {
      const one = blob('one');
      const two = blob('two');
      const revisions: (readonly [string | null | undefined, number | undefined])[] = [];
      const put = async (spec: Record<string, unknown>, content?: string | null) => {
        const { changes } = await store.commit({
          operations: [putThing('a', spec, content === undefined ? {} : { content })],
          content: [one, two],
        });
        revisions.push([changes[0]?.object.content, changes[0]?.object.contentRevision]);
      };
      await put({ n: 1 });
      await put({ n: 1 }, one.digest);
      await put({ n: 2 });
      await put({ n: 2 }, two.digest);
      await put({ n: 3 }, two.digest);
      await put({ n: 3 }, null);
      expect(revisions).toEqual([
        [null, 0],
        [one.digest, 3],
        [one.digest, 3],
        [two.digest, 5],
        [two.digest, 5],
        [null, 7],
      ]);
      expect(Buffer.from((await store.content(one.digest)) ?? [])).toEqual(one.bytes);
      expect(await store.content(blob('other').digest)).toBeUndefined();
    });

    test('content that stays may be numbered anew with what is shown with it', async () => {
      const one = blob('one');
      const commit = async (operation: WriteOperation) =>
        (await store.commit({ operations: [operation], content: [one] })).changes.map(({ object }) => [
          object.content,
          object.revision - object.contentRevision,
        ]);
      expect(await commit(putThing('a', { n: 1 }, { content: one.digest }))).toEqual([[one.digest, 0]]);
      expect(await commit(putThing('a', { n: 2 }))).toEqual([[one.digest, 1]]);
      expect(await commit(putThing('a', { n: 3 }, { renewsContent: true }))).toEqual([[one.digest, 0]]);
      expect(await commit(putThing('a', { n: 3 }, { renewsContent: true }))).toEqual([]);
      expect(await commit(putThing('a', { n: 4 }))).toEqual([[one.digest, 1]]);
    });

    test('an object cannot name content that is not there', async () => {
      await expect(
        store.commit({ operations: [putThing('a', {}, { content: blob('absent').digest })] }),
      ).rejects.toThrow('neither in the store nor part of the write set');
      expect((await store.snapshot()).objects).toEqual([]);
    });

    test('a dry run answers what would change, and changes nothing', async () => {
      await store.commit({ operations: [putThing('a', { n: 1 })] });
      const heard: unknown[] = [];
      store.onCommit((changes) => heard.push(changes));
      const content = blob('dry');
      const dry = await store.commit(
        {
          operations: [
            putThing('a', { n: 2 }, { expected: 2, content: content.digest }),
            putThing('b'),
            { type: 'delete', key: thingKey('a') },
          ],
          content: [content],
        },
        { dryRun: true },
      );
      expect(dry.revision).toBe(2);
      expect(dry.changes.map((change) => [change.type, change.revision, change.object.revision])).toEqual([
        ['put', 0, 0],
        ['put', 0, 0],
        ['delete', 0, 0],
      ]);
      expect(dry.changes[0]?.object.value).toBe(thingValue('a', { n: 2 }));
      await expect(
        store.commit({ operations: [putThing('a', {}, { expected: 9 })] }, { dryRun: true }),
      ).rejects.toMatchObject({ name: 'PreconditionFailedError' });
      expect(heard).toEqual([]);
      expect(await store.content(content.digest)).toBeUndefined();
      expect(await store.snapshot()).toMatchObject({ revision: 2, objects: [{ value: thingValue('a', { n: 1 }) }] });
      expect((await store.commit({ operations: [putThing('c')] })).revision).toBe(3);
    });

    test('the log is paged by whole write sets', async () => {
      for (const size of [1, 3, 2]) {
        await store.commit({
          operations: Array.from({ length: size }, (_, n) => putThing(`s${size}-${n}`)),
        });
      }
      const pages: number[][] = [];
      for (let position = 1; ; ) {
        const page = await store.changesAfter(position, 2);
        if (page.changes.length === 0) break;
        pages.push(page.changes.map((change) => change.revision));
        position = page.next;
      }
      expect(pages).toEqual([
        [2, 3, 4, 5],
        [6, 7],
      ]);
      expect((await store.changesAfter(7, 10)).next).toBe(7);
    });

    test('a snapshot brings the latest changes and the states before them', async () => {
      await store.commit({ operations: [putThing('a', { n: 1 }), putThing('b', { n: 1 })] });
      await store.commit({ operations: [putThing('a', { n: 2 })] });
      await store.commit({ operations: [putThing('a', { n: 3 })] });
      await store.commit({ operations: [{ type: 'delete', key: thingKey('b') }] });
      const { revision, changesAfter, changes, earlier } = await store.snapshot({ history: 2 });
      expect([revision, changesAfter]).toEqual([6, 4]);
      expect(changes).toEqual(await allChanges(4));
      expect(earlier.map((object) => [object.key.name, object.revision])).toEqual([
        ['a', 4],
        ['b', 3],
      ]);
      expect(earlier[0]?.value).toBe(thingValue('a', { n: 2 }));
    });

    test('objectAt gives the state at a revision', async () => {
      await store.commit({ operations: [putThing('a', { n: 1 })] });
      await store.commit({ operations: [putThing('a', { n: 2 })] });
      await store.commit({ operations: [{ type: 'delete', key: thingKey('a') }] });
      await store.commit({ operations: [putThing('a', { n: 3 })] });
      const values = [];
      for (const revision of [1, 2, 3, 4, 5]) values.push((await store.objectAt(thingKey('a'), revision))?.value);
      expect(values).toEqual([
        undefined,
        thingValue('a', { n: 1 }),
        thingValue('a', { n: 2 }),
        undefined,
        thingValue('a', { n: 3 }),
      ]);
    });

    test('compaction forgets old entries but the states that later ones build on', async () => {
      for (const n of [1, 2, 3]) await store.commit({ operations: [putThing('a', { n })] });
      await store.commit({ operations: [putThing('b', { n: 1 })] });
      await store.commit({ operations: [putThing('a', { n: 4 })] });
      expect((await store.compact(5)).entries).toBe(3);
      await expect(store.changesAfter(4, 10)).rejects.toMatchObject({ name: 'CompactedError', asked: 4, oldest: 5 });
      await expect(store.objectAt(thingKey('a'), 4)).rejects.toMatchObject({ name: 'CompactedError' });
      expect((await allChanges(5)).map((change) => change.revision)).toEqual([6]);
      expect((await store.objectAt(thingKey('a'), 5))?.value).toBe(thingValue('a', { n: 3 }));
      await store.commit({ operations: [putThing('b', { n: 2 })] });
      expect((await store.objectAt(thingKey('b'), 6))?.value).toBe(thingValue('b', { n: 1 }));
      expect((await store.compact(100)).entries).toBe(4);
      expect(await allChanges(7)).toEqual([]);
      expect((await store.objectAt(thingKey('a'), 7))?.value).toBe(thingValue('a', { n: 4 }));
      await reopen();
      await expect(store.changesAfter(6, 10)).rejects.toMatchObject({ name: 'CompactedError', oldest: 7 });
    });

    test('compaction removes content that neither an object nor the log names', async () => {
      const [kept, replaced, unnamed] = [blob('kept'), blob('replaced'), blob('unnamed')];
      await store.commit({
        operations: [putThing('a', {}, { content: replaced.digest })],
        content: [replaced, unnamed],
      });
      await store.commit({ operations: [putThing('a', {}, { content: kept.digest })], content: [kept] });
      expect(await store.compact(1, 60_000)).toEqual({ entries: 0, contents: 0 });
      expect(await store.compact(1, -1000)).toEqual({ entries: 0, contents: 1 });
      expect(await store.content(replaced.digest)).toBeDefined();
      expect(await store.compact(3, -1000)).toEqual({ entries: 2, contents: 1 });
      expect(await store.content(replaced.digest)).toBeUndefined();
      expect(await store.content(kept.digest)).toBeDefined();
    });

    test('opening again finds everything, and goes on counting', async () => {
      const content = blob('stays');
      await store.commit({ operations: [putThing('a', { n: 1 }, { content: content.digest })], content: [content] });
      await store.commit({ operations: [putThing('b')] });
      await store.commit({ operations: [{ type: 'delete', key: thingKey('b') }] });
      const before = [await store.snapshot(), await allChanges(1)];
      await reopen();
      expect([await store.snapshot(), await allChanges(1)]).toEqual(before);
      expect(await store.content(content.digest)).toBeDefined();
      expect((await store.commit({ operations: [putThing('c')] })).revision).toBe(5);
    });

    test('close finishes what was handed over and refuses what comes later', async () => {
      const writes = Array.from({ length: 50 }, (_, n) => store.commit({ operations: [putThing(`t${n}`)] }));
      await store.close();
      expect(await Promise.all(writes)).toHaveLength(50);
      await expect(store.commit({ operations: [putThing('late')] })).rejects.toThrow('closed');
      store = await driver.open(directory);
      expect((await store.snapshot()).objects).toHaveLength(50);
    });

    test('what was acknowledged before a kill -9 is there afterwards, whole and in order', async () => {
      await store.close();
      const acknowledged = new Map<string, number>();
      for (let round = 0; round < 3; round++) {
        const wanted = acknowledged.size + 100;
        const child = spawn(process.execPath, [driver.crashWriter.pathname, directory, String(round)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const closed = once(child, 'close');
        for await (const line of createInterface({ input: child.stdout })) {
          const [name = '', revision] = line.split(' ');
          acknowledged.set(name, Number(revision));
          if (acknowledged.size >= wanted) child.kill('SIGKILL');
        }
        expect((await closed)[1]).toBe('SIGKILL');
      }
      store = await driver.open(directory);
      const { objects, revision } = await store.snapshot();
      const found = new Map(objects.map((object) => [object.key.name, object.revision]));
      for (const [name, at] of acknowledged) expect([name, found.get(name)]).toEqual([name, at]);
      const log = (await allChanges(1)).map((change) => change.revision);
      expect(log).toEqual(Array.from({ length: revision - 1 }, (_, n) => n + 2));
      expect(objects).toHaveLength(revision - 1);
    });
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore, PreconditionFailedError, type Store } from '@porch/apiserver';
import { expect, onTestFinished, test } from 'vitest';
import { putRecord } from '../../cache/records.ts';
import { fencedStore } from './fenced-store.ts';

const [fence, thing] = ['fence', 'thing'].map((name) => ({ resource: 'things', namespace: '', name })) as [Key, Key];
type Key = { resource: string; namespace: string; name: string };

/** A store that may be written to while a thing is as it was, and the one behind it. */
async function fenced(): Promise<{ store: Store; open: Store }> {
  const directory = mkdtempSync(join(tmpdir(), 'porch-fenced-'));
  const open = await openSqliteStore({ directory });
  onTestFinished(async () => {
    await open.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const { revision } = await open.commit({ operations: [putRecord(fence, {})] });
  return { open, store: fencedStore(open, { key: fence, revision }, (cause) => new Error('lost', { cause })) };
}

test('a dry run behind a fence writes nothing, and is refused like any write when the fence has gone', async () => {
  const { store, open } = await fenced();
  await store.commit({ operations: [putRecord(thing, {})] }, { dryRun: true });
  expect((await open.snapshot()).objects.map(({ key }) => key.name)).toEqual(['fence']);
  await open.commit({ operations: [{ type: 'delete', key: fence }] });
  await expect(store.commit({ operations: [] }, { dryRun: true })).rejects.toThrow('lost');
});

test('a write set is refused by its own conditions as without the fence', async () => {
  const { store } = await fenced();
  const refused = store.commit({ preconditions: [{ key: thing, revision: 7 }], operations: [] });
  await expect(refused).rejects.toThrow(PreconditionFailedError);
});

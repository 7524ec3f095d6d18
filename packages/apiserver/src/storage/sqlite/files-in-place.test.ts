import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WriteSet } from '../store.ts';
import { thingKey, thingValue } from '../store-suite.test-support.ts';
import { openSqliteStore } from './open.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'store-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const put = (name: string): WriteSet => ({
  operations: [
    {
      type: 'put',
      key: thingKey(name),
      uid: name,
      value: thingValue(name),
      expected: 0,
    },
  ],
});

const inPlaceOfIt = async (file: string) => {
  await copyFile(file, `${file}.copy`);
  await rename(`${file}.copy`, file);
};

test.each([
  ['store.db', 'removed', rm],
  ['store.db-wal', 'removed', rm],
  ['store.db', 'replaced', inPlaceOfIt],
])('nothing is acknowledged once %s was %s', async (name, what, change) => {
  await (await openSqliteStore({ directory })).close();
  const failed = Promise.withResolvers<Error>();
  const store = await openSqliteStore({ directory, onFatal: failed.resolve });
  await store.commit(put('before'));
  await change(join(directory, name));
  await expect(store.commit(put('after'))).rejects.toThrow();
  expect((await failed.promise).message).toContain(`${name} was ${what} while it was open`);
});

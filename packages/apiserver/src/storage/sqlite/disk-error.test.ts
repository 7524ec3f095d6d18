import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { describeOpenError } from './database.ts';
import { describeFailure, isDiskError } from './disk-error.ts';

function failureOf(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it has not failed');
}

test('a full disk is named with its file, and what to do', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 2; CREATE TABLE t (x BLOB)');
  const full = failureOf(() => database.exec('INSERT INTO t VALUES (zeroblob(100000))'));
  database.close();
  expect(isDiskError(full)).toBe(true);
  expect(describeOpenError('/data/store.sqlite', full)).toEqual(
    new Error('the database /data/store.sqlite cannot be opened: the disk is full; make room on it'),
  );
  expect(describeFailure('/data/store.sqlite', full)).toEqual(
    new Error(
      'the database /data/store.sqlite has failed: the disk is full; make room on it, and start the server again: what was acknowledged is there',
    ),
  );
});

test('what is no error of SQLite stays as it is', () => {
  const error = new Error('the rows are unknown');
  expect(describeFailure('/data/store.sqlite', error)).toBe(error);
});

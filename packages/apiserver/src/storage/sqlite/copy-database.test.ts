import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { copyDatabase } from './copy-database.ts';

test('a copy that would begin in the midst of a transaction begins after it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'apiserver-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const database = new DatabaseSync(join(root, 'source.db'));
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE thing (name TEXT); BEGIN IMMEDIATE');
  const copying = copyDatabase(database, join(root, 'copy.db'));
  for (let n = 0; n < 20; n++) {
    await expect(backup(database, join(root, 'refused.db'))).rejects.toMatchObject({ errcode: 0 });
  }
  expect(await readdir(root)).toContain('copy.db');
  database.exec("INSERT INTO thing VALUES ('a'); COMMIT");
  await copying;
  const copy = new DatabaseSync(join(root, 'copy.db'), { readOnly: true });
  expect(copy.prepare('SELECT name FROM thing').all()).toEqual([{ name: 'a' }]);
  copy.close();
  database.close();
});

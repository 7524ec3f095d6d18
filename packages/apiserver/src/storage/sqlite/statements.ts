import type { DatabaseSync, StatementSync } from 'node:sqlite';

const objectColumns = 'resource, namespace, name, uid, revision, value, content, content_revision';
const logColumns =
  'revision, write_set, time, type, previous_revision, resource, namespace, name, uid, value, content, content_revision';

/** Every statement of the store, prepared once. */
const sql = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  savepoint: 'SAVEPOINT write_set',
  release: 'RELEASE write_set',
  rollbackTo: 'ROLLBACK TO write_set',

  readMeta: 'SELECT value FROM meta WHERE key = ?',
  writeMeta: 'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',

  object: `SELECT ${objectColumns} FROM objects WHERE resource = ? AND namespace = ? AND name = ?`,
  objects: `SELECT ${objectColumns} FROM objects`,
  putObject: `INSERT INTO objects (${objectColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (resource, namespace, name) DO UPDATE SET uid = excluded.uid, revision = excluded.revision,
      value = excluded.value, content = excluded.content, content_revision = excluded.content_revision`,
  deleteObject: 'DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?',

  appendLog: `INSERT INTO log (${logColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  keepEarlier: `INSERT OR IGNORE INTO log (${logColumns}) VALUES (?, ?, 0, 'put', 0, ?, ?, ?, ?, ?, ?, ?)`,
  logEntry: `SELECT ${logColumns} FROM log WHERE revision = ?`,
  logAfter: `SELECT ${logColumns} FROM log WHERE revision > ? ORDER BY revision`,
  nextOfKey: `SELECT revision, previous_revision FROM log
    WHERE resource = ? AND namespace = ? AND name = ? AND revision > ? ORDER BY revision LIMIT 1`,
  timeFrom: 'SELECT revision, write_set, time FROM log WHERE revision >= ? ORDER BY revision LIMIT 1',
  // An entry stays when a later one has it as its previous state: that can only be the next one of the same object.
  forgetLog: `DELETE FROM log WHERE revision > :after AND revision <= :upTo AND revision <= :oldest AND NOT coalesce((
      SELECT later.revision > :oldest AND later.previous_revision = log.revision FROM log AS later
      WHERE later.resource = log.resource AND later.namespace = log.namespace AND later.name = log.name
        AND later.revision > log.revision ORDER BY later.revision LIMIT 1), false)`,
  logStep: 'SELECT max(revision) AS last FROM (SELECT revision FROM log WHERE revision > ? ORDER BY revision LIMIT ?)',

  content: 'SELECT bytes FROM contents WHERE digest = ?',
  hasContent: 'SELECT 1 AS found FROM contents WHERE digest = ?',
  putContent: `INSERT INTO contents (digest, created, bytes) VALUES (?, ?, ?)
    ON CONFLICT (digest) DO UPDATE SET created = excluded.created WHERE contents.created < excluded.created - 60000`,
  contentStep: 'SELECT max(rowid) AS last FROM (SELECT rowid FROM contents WHERE rowid > ? ORDER BY rowid LIMIT ?)',
  forgetContents: `DELETE FROM contents WHERE rowid > :after AND rowid <= :upTo AND created <= :cutoff
    AND NOT EXISTS (SELECT 1 FROM objects WHERE objects.content = contents.digest)
    AND NOT EXISTS (SELECT 1 FROM log WHERE log.content = contents.digest)`,
} as const;

/** All statements, prepared. */
export type Statements = { readonly [name in keyof typeof sql]: StatementSync };

/** Prepares the statements on a database that has the schema. */
export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(sql).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Statements;
}

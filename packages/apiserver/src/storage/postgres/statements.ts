/** A statement that is prepared once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Every statement of the store but the migrations, for one schema. */
export type Statements = ReturnType<typeof createStatements>;

const objectColumns = ['resource', 'namespace', 'name', 'uid', 'revision', 'value', 'content', 'content_revision'];
const logColumns = ['first', 'last', 'time', 'type', 'previous_revision', ...objectColumns];
/** The server's clock, so that replicas need not agree on the time. */
const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
const sameKey = (a: string, b: string) =>
  `${a}.resource = ${b}.resource AND ${a}.namespace = ${b}.namespace AND ${a}.name = ${b}.name`;
const columns = (names: readonly string[], of?: string) =>
  names.map((name) => (of === undefined ? name : `${of}.${name}`)).join(', ');

/** Channel on which commits are told. */
export function channelOf(schema: string): string {
  return `${schema}_changes`;
}

/** The statements for the tables of a schema. */
export function createStatements(schema: string) {
  const table = (name: string) => `"${schema}".${name}`;
  const [counter, writers, objects, log] = ['counter', 'writers', 'objects', 'log'].map(table);
  const [contents, meta] = ['contents', 'meta'].map(table);
  const statement = (name: string, text: string): Statement => ({ name, text });
  /**
   * Whether the counter has been locked before. When the server gives up the BEGIN of a transaction that was sent at once, it runs each
   * of the statements after it by itself: then they must do nothing.
   */
  const isLocked = 'pg_current_xact_id_if_assigned() IS NOT NULL';
  /** Whether an entry `l` stays as the previous state of one that is kept: only the next one of the same object can have it so. */
  const neededByNext = `coalesce((
         SELECT later.revision > c.oldest AND later.previous_revision = l.revision FROM ${log} later
         WHERE ${sameKey('later', 'l')} AND later.revision > l.revision ORDER BY later.revision LIMIT 1), false)`;
  return {
    lockCounter: statement('lock_counter', `SELECT revision FROM ${counter} FOR NO KEY UPDATE`),
    counter: statement('counter', `SELECT revision, oldest FROM ${counter}`),
    readMeta: statement('read_meta', `SELECT value FROM ${meta} WHERE key = $1`),
    writeMeta: statement(
      'write_meta',
      `INSERT INTO ${meta} (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    ),
    addMeta: statement('add_meta', `INSERT INTO ${meta} (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`),
    jump: statement('jump', `UPDATE ${counter} SET revision = $1, oldest = $1`),

    /** $1: id. Everything that this writer sent before and that has not been committed yet is void from here on. */
    enter: statement(
      'enter',
      `INSERT INTO ${writers} (id, epoch, last_commit, last_base, seen) VALUES ($1, 1, 0, 0, ${now})
       ON CONFLICT (id) DO UPDATE SET epoch = writers.epoch + 1, seen = ${now}
       RETURNING epoch, last_commit, last_base`,
    ),
    forgetWriters: statement('forget_writers', `DELETE FROM ${writers} WHERE seen < ${now} - $1::bigint`),

    /** $1: keys as JSON. One row at least: the counter's. */
    readObjects: statement(
      'read_objects',
      `SELECT c.revision AS counter, found.* FROM ${counter} c LEFT JOIN LATERAL (
         SELECT ${columns(objectColumns, 'o')}
         FROM json_to_recordset($1::json) AS k(resource text, namespace text, name text)
         JOIN ${objects} o ON ${sameKey('o', 'k')}) found ON true`,
    ),
    presentContents: statement('present_contents', `SELECT digest FROM ${contents} WHERE digest = ANY($1::text[])`),
    putContent: statement(
      'put_content',
      `INSERT INTO ${contents} (digest, created, bytes) VALUES ($1, ${now}, $2) ON CONFLICT (digest) DO NOTHING`,
    ),
    touchContents: statement(
      'touch_contents',
      `UPDATE ${contents} SET created = ${now} WHERE digest = ANY($1::text[]) AND created < ${now} - 60000`,
    ),

    /**
     * Counter, log, objects and the writer's mark in one statement, run with the counter locked.
     * $1 changes as JSON, their revisions counted from 1; what refers to another change of the group is negative
     * $2 writer, $3 epoch, $4 number of the commit
     * $5 what was read, as JSON: nothing is written if one of these objects has another revision now
     * $6 digests that must be there, $7 number of changes
     */
    write: statement(
      'write_group',
      `WITH read_now AS MATERIALIZED (
         SELECT c.revision AS base, c.oldest, ${now} AS time,
           ${isLocked} AND EXISTS (SELECT FROM ${writers} w WHERE w.id = $2::uuid AND w.epoch = $3::bigint) AS entered,
           NOT EXISTS (
             SELECT FROM json_to_recordset($5::json) AS k(resource text, namespace text, name text, revision bigint)
             WHERE k.revision <> COALESCE((SELECT o.revision FROM ${objects} o WHERE ${sameKey('o', 'k')}), 0)
           ) AND NOT EXISTS (
             SELECT FROM unnest($6::text[]) AS d(digest)
             WHERE NOT EXISTS (SELECT FROM ${contents} k WHERE k.digest = d.digest)
           ) AS unchanged
         FROM ${counter} c
       ), change AS MATERIALIZED (
         SELECT s.base + r.number AS revision, s.base + r.first AS first, s.base + r.last AS last, s.time, r.type,
           CASE WHEN r.previous < 0 THEN s.base - r.previous ELSE r.previous END AS previous_revision,
           r.resource, r.namespace, r.name, r.uid, r.value, r.content,
           CASE WHEN r.content_revision < 0 THEN s.base - r.content_revision ELSE r.content_revision END AS content_revision,
           r.final
         FROM read_now s, json_to_recordset($1::json) AS r(number bigint, first bigint, last bigint, type text, previous bigint,
           resource text, namespace text, name text, uid text, value text, content text, content_revision bigint, final boolean)
         WHERE s.entered AND s.unchanged
       ), kept AS (
         INSERT INTO ${log} (${columns(logColumns)})
         SELECT o.revision, o.revision, 0, 'put', 0, ${columns(objectColumns, 'o')}
         FROM read_now s, change c JOIN ${objects} o ON ${sameKey('o', 'c')}
         WHERE c.final AND o.revision <= s.oldest
         ON CONFLICT (revision) DO NOTHING
       ), appended AS (
         INSERT INTO ${log} (${columns(logColumns)}) SELECT ${columns(logColumns)} FROM change
       ), removed AS (
         DELETE FROM ${objects} o USING change c WHERE c.final AND c.type = 'delete' AND ${sameKey('o', 'c')}
       ), stored AS (
         INSERT INTO ${objects} (${columns(objectColumns)})
         SELECT ${columns(objectColumns)} FROM change WHERE final AND type = 'put'
         ON CONFLICT (resource, namespace, name) DO UPDATE SET uid = excluded.uid, revision = excluded.revision,
           value = excluded.value, content = excluded.content, content_revision = excluded.content_revision
       ), moved AS (
         UPDATE ${counter} c SET revision = c.revision + $7::bigint FROM read_now s
         WHERE s.entered AND s.unchanged AND $7::bigint > 0
       ), noted AS (
         UPDATE ${writers} w SET last_commit = $4::bigint, last_base = s.base, seen = s.time FROM read_now s
         WHERE w.id = $2::uuid AND s.entered AND s.unchanged
       )
       SELECT base, entered, unchanged, CASE WHEN entered AND unchanged AND $7::bigint > 0
         THEN pg_notify('${channelOf(schema)}', (base + $7::bigint)::text)::text END AS told
       FROM read_now`,
    ),

    /** $1 after, $2 number of entries less one, $3 up to: whole write sets only. One row at least: the counter's. */
    logAfter: statement(
      'log_after',
      `SELECT c.revision AS counter, c.oldest, entry.* FROM ${counter} c LEFT JOIN LATERAL (
         SELECT ${columns(logColumns, 'l')} FROM ${log} l
         WHERE l.revision > $1::bigint AND l.revision <= $3::bigint AND $1::bigint >= c.oldest AND l.revision <= COALESCE(
           (SELECT e.last FROM ${log} e WHERE e.revision > $1::bigint ORDER BY e.revision OFFSET $2::bigint LIMIT 1),
           $3::bigint)
       ) entry ON true ORDER BY entry.revision`,
    ),
    /** $1 revision. One row: the counter's, with what the log has of that revision. */
    logEntry: statement(
      'log_entry',
      `SELECT c.revision AS counter, c.oldest, ${columns(logColumns, 'l')}
       FROM ${counter} c LEFT JOIN ${log} l ON l.revision = $1::bigint`,
    ),
    /** $1, $2, $3 key, $4 revision. */
    objectAt: statement(
      'object_at',
      `WITH next AS MATERIALIZED (
         SELECT l.previous_revision FROM ${log} l
         WHERE l.resource = $1 AND l.namespace = $2 AND l.name = $3 AND l.revision > $4::bigint
         ORDER BY l.revision LIMIT 1
       )
       SELECT c.oldest, (SELECT previous_revision FROM next) AS before, found.* FROM ${counter} c LEFT JOIN LATERAL (
         SELECT ${columns(objectColumns, 'l')} FROM ${log} l WHERE l.revision = (SELECT previous_revision FROM next)
         UNION ALL
         SELECT ${columns(objectColumns, 'o')} FROM ${objects} o
         WHERE o.resource = $1 AND o.namespace = $2 AND o.name = $3 AND NOT EXISTS (SELECT FROM next)
       ) found ON true`,
    ),
    content: statement('content', `SELECT bytes FROM ${contents} WHERE digest = $1`),

    objects: statement('objects', `SELECT ${columns(objectColumns)} FROM ${objects}`),
    /** $1 how many. Values that are those of the current objects are left out. */
    history: statement(
      'history',
      `SELECT ${columns(
        logColumns.filter((name) => name !== 'value'),
        'l',
      )}, CASE WHEN o.revision IS NULL THEN l.value END AS value
       FROM ${log} l LEFT JOIN ${objects} o ON ${sameKey('o', 'l')} AND o.revision = l.revision AND l.type = 'put'
       WHERE l.revision > (SELECT greatest(c.oldest, c.revision - $1::bigint) FROM ${counter} c) ORDER BY l.revision`,
    ),
    /** $1 how many. The states before those changes. */
    beforeHistory: statement(
      'before_history',
      `WITH start AS MATERIALIZED (SELECT greatest(c.oldest, c.revision - $1::bigint) AS revision FROM ${counter} c)
       SELECT ${columns(objectColumns, 'p')} FROM start s
       JOIN ${log} l ON l.revision > s.revision AND l.previous_revision BETWEEN 1 AND s.revision
       JOIN ${log} p ON p.revision = l.previous_revision ORDER BY l.revision`,
    ),

    timeFrom: statement(
      'time_from',
      `SELECT l.revision, l.first, l.time < ${now} - $2::bigint AS old FROM ${log} l
       WHERE l.revision >= $1::bigint ORDER BY l.revision LIMIT 1`,
    ),
    raiseOldest: statement(
      'raise_oldest',
      `UPDATE ${counter} SET oldest = least($1::bigint, revision) WHERE oldest < least($1::bigint, revision)`,
    ),
    /** $1 after, $2 how many. Entries that may be forgotten: no later one has them as its previous state. */
    forgettable: statement(
      'forgettable',
      `SELECT l.revision FROM ${log} l, ${counter} c WHERE l.revision > $1::bigint AND l.revision <= c.oldest
         AND NOT ${neededByNext}
       ORDER BY l.revision LIMIT $2::bigint`,
    ),
    /** $1 revisions. Run with the counter locked. */
    forgetLog: statement(
      'forget_log',
      `DELETE FROM ${log} l USING ${counter} c WHERE ${isLocked} AND l.revision = ANY($1::bigint[]) AND l.revision <= c.oldest
         AND NOT ${neededByNext}
       RETURNING l.revision`,
    ),
    /** $1 youngest age in ms. */
    unnamedContents: statement(
      'unnamed_contents',
      `SELECT k.digest FROM ${contents} k WHERE k.created <= ${now} - $1::bigint
         AND NOT EXISTS (SELECT FROM ${objects} o WHERE o.content = k.digest)
         AND NOT EXISTS (SELECT FROM ${log} l WHERE l.content = k.digest)
       ORDER BY k.digest`,
    ),
    /** $1 digests, $2 youngest age in ms. Run with the counter locked. */
    forgetContents: statement(
      'forget_contents',
      `DELETE FROM ${contents} k WHERE ${isLocked} AND k.digest = ANY($1::text[]) AND k.created <= ${now} - $2::bigint
         AND NOT EXISTS (SELECT FROM ${objects} o WHERE o.content = k.digest)
         AND NOT EXISTS (SELECT FROM ${log} l WHERE l.content = k.digest)
       RETURNING k.digest`,
    ),
  };
}

/** Steps that bring a schema to the present form, in order. A step that was ever released must not change. */
interface Migration {
  readonly version: number;
  readonly name: string;
  /** Run with the schema as the only one on the search path. */
  readonly sql: string;
}

/*
 * Replicas of the version before go on working while a newer one migrates: a step adds, and what it makes unnecessary is removed by
 * a later release.
 *
 * counter    one row, changed by every commit: whoever holds its lock commits next
 * writers    one row per process: `epoch` fences off what it sent on connections that are lost, `last_commit` tells whether that arrived
 * meta       `identity` of the server and the tables, `key_check` of the encryption key
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'counter, writers, objects, log, contents, meta',
    sql: `
      CREATE TABLE meta (
        key text COLLATE "C" PRIMARY KEY,
        value text NOT NULL
      );

      CREATE TABLE counter (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        revision bigint NOT NULL,
        oldest bigint NOT NULL
      ) WITH (fillfactor = 20);
      INSERT INTO counter (revision, oldest) VALUES (1, 1);

      CREATE TABLE writers (
        id uuid PRIMARY KEY,
        epoch bigint NOT NULL,
        last_commit bigint NOT NULL,
        last_base bigint NOT NULL,
        seen bigint NOT NULL
      ) WITH (fillfactor = 20);

      CREATE TABLE objects (
        resource text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        uid text NOT NULL,
        revision bigint NOT NULL,
        value text NOT NULL,
        content text COLLATE "C",
        content_revision bigint NOT NULL,
        PRIMARY KEY (resource, namespace, name)
      );
      CREATE INDEX objects_by_content ON objects (content) WHERE content IS NOT NULL;

      CREATE TABLE log (
        revision bigint PRIMARY KEY,
        first bigint NOT NULL,
        last bigint NOT NULL,
        time bigint NOT NULL,
        type text NOT NULL CHECK (type IN ('put', 'delete')),
        previous_revision bigint NOT NULL,
        resource text COLLATE "C" NOT NULL,
        namespace text COLLATE "C" NOT NULL,
        name text COLLATE "C" NOT NULL,
        uid text NOT NULL,
        value text NOT NULL,
        content text COLLATE "C",
        content_revision bigint NOT NULL
      );
      CREATE INDEX log_by_key ON log (resource, namespace, name, revision);
      CREATE INDEX log_by_content ON log (content) WHERE content IS NOT NULL;

      CREATE TABLE contents (
        digest text COLLATE "C" PRIMARY KEY,
        created bigint NOT NULL,
        bytes bytea NOT NULL
      );
    `,
  },
];

/** Steps that bring a database to the present form, in order. A step that was ever released must not change. */
interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: 'objects, log, contents, meta',
    sql: `
      CREATE TABLE meta (
        key TEXT NOT NULL PRIMARY KEY,
        value ANY NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE objects (
        resource TEXT NOT NULL,
        namespace TEXT NOT NULL,
        name TEXT NOT NULL,
        uid TEXT NOT NULL,
        revision INTEGER NOT NULL,
        value ANY NOT NULL,
        content TEXT,
        content_revision INTEGER NOT NULL,
        PRIMARY KEY (resource, namespace, name)
      ) STRICT;
      CREATE INDEX objects_by_content ON objects (content) WHERE content IS NOT NULL;

      CREATE TABLE log (
        revision INTEGER NOT NULL PRIMARY KEY,
        write_set INTEGER NOT NULL,
        time INTEGER NOT NULL,
        type TEXT NOT NULL CHECK (type IN ('put', 'delete')),
        previous_revision INTEGER NOT NULL,
        resource TEXT NOT NULL,
        namespace TEXT NOT NULL,
        name TEXT NOT NULL,
        uid TEXT NOT NULL,
        value ANY NOT NULL,
        content TEXT,
        content_revision INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX log_by_key ON log (resource, namespace, name, revision);
      CREATE INDEX log_by_content ON log (content) WHERE content IS NOT NULL;

      CREATE TABLE contents (
        digest TEXT NOT NULL PRIMARY KEY,
        created INTEGER NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT;

      INSERT INTO meta VALUES ('revision', 1), ('oldest', 1);
    `,
  },
];

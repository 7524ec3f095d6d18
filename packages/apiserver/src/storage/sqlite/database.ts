import { DatabaseSync } from 'node:sqlite';
import { sqliteCode } from './disk-error.ts';
import { migrations } from './migrations.ts';

/** Marks the file as ours in SQLite's header ("KRVS"). */
const applicationId = 0x4b525653;

/**
 * Opens the database, creates or migrates its tables, and holds it exclusively until it is closed.
 * @throws Error that names the file and says what to do: in use, damaged, foreign, or written by a newer version
 */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0, defensive: true });
    // Exclusive before the first access: no shared memory file, and a second process is refused instead of corrupting the counter.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA temp_store = MEMORY');
    database.exec('PRAGMA cache_size = -32768');
    database.exec('PRAGMA journal_size_limit = 67108864');
    // 32 MiB of 4 KiB pages: under load only, otherwise `IdleCheckpoint` comes first.
    database.exec('PRAGMA wal_autocheckpoint = 8192');
    // Takes the exclusive lock now, not at the first write.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    checkOwner(database);
    migrate(database);
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw describeOpenError(file, error);
  }
}

function checkOwner(database: DatabaseSync): void {
  const id = number(database, 'PRAGMA application_id', 'application_id');
  if (id === applicationId) return;
  const tables = number(database, 'SELECT count(*) AS count FROM sqlite_schema', 'count');
  if (tables > 0) throw new ForeignDatabaseError();
}

function migrate(database: DatabaseSync): void {
  const latest = migrations.at(-1)?.version ?? 0;
  const present = number(database, 'PRAGMA user_version', 'user_version');
  if (present > latest) throw new NewerSchemaError(present, latest);
  if (present === latest) return;
  database.exec('BEGIN IMMEDIATE');
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT',
  );
  const record = database.prepare('INSERT INTO migrations (version, name, applied) VALUES (?, ?, ?)');
  for (const migration of migrations) {
    if (migration.version <= present) continue;
    database.exec(migration.sql);
    record.run(migration.version, migration.name, Date.now());
  }
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${latest}`);
  database.exec('COMMIT');
}

class ForeignDatabaseError extends Error {}

class NewerSchemaError extends Error {
  constructor(present: number, latest: number) {
    super(
      `it was written by a newer version of this program (schema ${present}, this one knows up to ${latest}); run that version or restore a backup made before the upgrade`,
    );
  }
}

/** An error of SQLite, met while a database is opened, in words that name the file and say what to do. */
export function describeOpenError(file: string, cause: unknown): Error {
  const because = (text: string) => new Error(`the database ${file} cannot be opened: ${text}`, { cause });
  if (cause instanceof ForeignDatabaseError) {
    return because('it is an SQLite database of another program; choose another directory');
  }
  if (cause instanceof NewerSchemaError) return because(cause.message);
  const code = sqliteCode(cause);
  switch (code?.primary) {
    case 5:
    case 6:
      return because('it is in use by another process; stop that one first');
    case 11:
    case 26:
      return because(
        'it is damaged or not an SQLite database; restore it from a backup, or move it away to start empty',
      );
    case 13:
      return because('the disk is full; make room on it');
    default:
      return because(
        `${code?.text ?? (cause instanceof Error ? cause.message : String(cause))}; check the directory and its permissions`,
      );
  }
}

function number(database: DatabaseSync, sql: string, column: string): number {
  const value = database.prepare(sql).get()?.[column];
  return typeof value === 'number' ? value : 0;
}

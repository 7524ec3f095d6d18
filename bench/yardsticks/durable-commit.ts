import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One durable commit to SQLite: what any durable write costs at least on this disk. */
export interface DurableCommit {
  /** Writes the bytes in a transaction of their own and returns once they are on the disk. */
  commit(bytes: Buffer): void;
  close(): void;
}

/** Opens a database in a directory with the settings that a durable store needs: a write-ahead log, synced at each commit. */
export function openDurableCommit(directory: string): DurableCommit {
  const database = new DatabaseSync(join(directory, 'yardstick.db'));
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE written (id INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT');
  const insert = database.prepare('INSERT INTO written (value) VALUES (?)');
  return {
    commit: (bytes) => void insert.run(bytes),
    close: () => database.close(),
  };
}

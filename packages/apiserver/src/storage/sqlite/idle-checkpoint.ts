import type { DatabaseSync } from 'node:sqlite';

/** So many changes are worth a checkpoint: about as many pages as SQLite itself waits for unless told. */
const worthwhileChanges = 500;
/** So many are copied at once, idle or not, so that the next copy does not take long. */
const mostChanges = 4000;
/** How long nobody must have asked for anything, in milliseconds. */
const idleMs = 50;

/**
 * Copies what commits have written to the log file into the database while nobody waits (`PRAGMA wal_checkpoint`, passive). SQLite does
 * it in the middle of a commit otherwise, which then takes as long as hundreds of others.
 */
export class IdleCheckpoint {
  readonly #database: DatabaseSync;
  #changes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Requests have been answered, with so many changes. */
  noticed(changes: number): void {
    this.#changes += changes;
    if (this.#changes < worthwhileChanges) return;
    if (this.#changes >= mostChanges) this.#run();
    else if (this.#timer === undefined) this.#timer = setTimeout(() => this.#run(), idleMs).unref();
    else this.#timer.refresh();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#changes = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // As with SQLite's own: what could not be copied stays in the log file, which has it safely, and is copied another time.
    }
  }
}

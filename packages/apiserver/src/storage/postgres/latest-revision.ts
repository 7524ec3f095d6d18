import type { Session } from './session.ts';
import type { Statements } from './statements.ts';

/**
 * Asks for the store's revision. Those who ask while a question is on its way share the next one: an answer that left the server
 * before they asked would not do.
 */
export class LatestRevision {
  readonly #session: Session;
  readonly #statements: Statements;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<number> | undefined;

  constructor(session: Session, statements: Statements) {
    this.#session = session;
    this.#statements = statements;
  }

  /** @throws StoreUnavailableError, DatabaseError */
  ask(): Promise<number> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#after(this.#current);
    this.#next = next;
    this.#current = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  }

  async #after(earlier: Promise<unknown>): Promise<number> {
    await earlier;
    this.#next = undefined;
    const [row] = await this.#session.repeatable((connection) =>
      connection.run<{ revision: number }>(this.#statements.counter),
    );
    if (row === undefined) throw new Error('the database has lost its counter; restore it from a backup');
    return row.revision;
  }
}

import { StoreUnavailableError } from '../store.ts';
import type { Session } from './session.ts';
import type { Statements } from './statements.ts';

/**
 * Asks for the store's revision. Those who ask while a question is on its way share the next one: an answer that left the server
 * before they asked would not do. Who is not answered in time is told so: a connection that says nothing is given up much later.
 */
export class LatestRevision {
  readonly #session: Session;
  readonly #statements: Statements;
  readonly #patienceMs: number;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<number> | undefined;

  constructor(session: Session, statements: Statements, patienceMs: number) {
    this.#session = session;
    this.#statements = statements;
    this.#patienceMs = patienceMs;
  }

  /** @throws StoreUnavailableError, DatabaseError */
  ask(): Promise<number> {
    if (this.#next !== undefined) return this.#next;
    const answer = this.#after(this.#current);
    this.#current = answer.then(
      () => undefined,
      () => undefined,
    );
    const next = this.#inTime(answer, () => {
      if (this.#next === next) this.#next = undefined;
    });
    this.#next = next;
    return next;
  }

  async #inTime(answer: Promise<number>, givenUp: () => void): Promise<number> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      givenUp();
      reject(new StoreUnavailableError('the database did not answer in time'));
    }, this.#patienceMs);
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
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

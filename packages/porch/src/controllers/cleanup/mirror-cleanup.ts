import type { Logger } from 'pino';
import type { Registrations } from '../../cache/registrations.ts';
import type { Mirrors } from '../../git/types.ts';
import type { CleanupCounters } from './cleanup-counters.ts';
import { Rounds } from './rounds.ts';

export interface MirrorCleanupOptions {
  readonly mirrors: Mirrors;
  readonly registrations: Registrations;
  readonly counters: CleanupCounters;
  readonly logger: Logger;
  /** Milliseconds between the end of a round and the next. */
  readonly everyMs: number;
  /** How long a mirror stays that no Repository needs and nobody uses, in milliseconds. */
  readonly unusedMs: number;
  /** Most mirrors that one round removes; the rest waits for the next. */
  readonly most: number;
}

/**
 * Removes the mirrors of remotes that no Repository is on any more, and those that were made to clone from remotes without one. They stay
 * for a while, so that registering the remote again, or cloning from it again, costs little. Every process does this with its own mirrors.
 */
export class MirrorCleanup {
  readonly #options: MirrorCleanupOptions;
  readonly #rounds: Rounds;

  constructor(options: MirrorCleanupOptions) {
    this.#options = options;
    this.#rounds = new Rounds(options.everyMs, () => this.round());
  }

  start(): void {
    this.#rounds.start();
  }

  /** Waits for the round that is under way. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  /** One round. A failure is logged and counted; what is left is tried again in the next. */
  async round(): Promise<void> {
    const { mirrors, registrations, counters, logger, unusedMs, most } = this.#options;
    const needed = registrations.list().flatMap(({ spec }) => spec.git?.repo ?? []);
    try {
      const { removed, failures } = await mirrors.removeUnused({ needed, unusedMs, most });
      if (removed.length > 0) {
        counters.removed.add({ kind: 'mirror' }, removed.length);
        logger.info({ mirrors: removed.map(({ description }) => description) }, 'removed mirrors that nobody used');
      }
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} mirrors stay for now`);
      counters.rounds.add({ outcome: 'ok' });
    } catch (error) {
      counters.rounds.add({ outcome: 'failed' });
      logger.error({ err: error }, 'unused mirrors could not be removed; it is tried again');
    }
  }
}

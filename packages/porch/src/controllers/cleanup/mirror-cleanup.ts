import type { Logger } from 'pino';
import type { Registrations } from '../../cache/registrations.ts';
import type { Mirrors } from '../../git/types.ts';
import type { CleanupCounters } from './cleanup-counters.ts';

/** What is cleaned up, and how far that goes. */
export interface MirrorCleanupOptions {
  readonly mirrors: Mirrors;
  readonly registrations: Registrations;
  readonly counters: CleanupCounters;
  readonly logger: Logger;
  /** How long a mirror stays that no Repository needs and nobody uses, in milliseconds. */
  readonly unusedMs: number;
  /** Most mirrors that are removed; the rest waits for the next time. */
  readonly most: number;
}

/**
 * Removes the mirrors of remotes that no Repository is on any more, and those that were made to clone from remotes without one. They stay
 * for a while, so that registering the remote again, or cloning from it again, costs little. Every process does this with its own mirrors.
 * Never rejects: a failure is logged and counted, and what is left is tried again when this is called again.
 */
export async function cleanUpMirrors(options: MirrorCleanupOptions): Promise<void> {
  const { mirrors, registrations, counters, logger, unusedMs, most } = options;
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

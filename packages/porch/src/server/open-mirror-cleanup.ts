import type { Registrations } from '../cache/registrations.ts';
import { cleanUpMirrors } from '../controllers/cleanup/mirror-cleanup.ts';
import { Rounds } from '../controllers/cleanup/rounds.ts';
import type { Mirrors } from '../git/types.ts';
import type { Composition } from './composition.ts';

/** Mirrors stay that long after they were needed last. */
const unusedMs = 24 * 3_600_000;
/** Removed in one round, at most. */
const most = 10;

/** Begins to remove the mirrors of this process that nobody needs; those of other processes are not its business. */
export function openMirrorCleanup(composition: Composition, mirrors: Mirrors, registrations: Registrations): void {
  const { settings, logger, cleanupCounters: counters, onClose } = composition;
  const options = { mirrors, registrations, counters, logger, unusedMs, most };
  const rounds = new Rounds(settings.cleanupFrequencyMs, () => cleanUpMirrors(options));
  onClose(() => rounds.close());
  rounds.start();
}

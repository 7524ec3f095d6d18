import type { Registrations } from '../cache/registrations.ts';
import { MirrorCleanup } from '../controllers/cleanup/mirror-cleanup.ts';
import type { Mirrors } from '../git/types.ts';
import type { Composition } from './composition.ts';

/** Mirrors stay that long after they were needed last. */
const unusedMs = 24 * 3_600_000;

/** Begins to remove the mirrors of this process that nobody needs; those of other processes are not its business. */
export function openMirrorCleanup(composition: Composition, mirrors: Mirrors, registrations: Registrations): void {
  const { settings, logger, cleanupCounters: counters, onClose } = composition;
  const everyMs = settings.cleanupFrequencyMs;
  const cleanup = new MirrorCleanup({ mirrors, registrations, counters, logger, everyMs, unusedMs, most: 10 });
  onClose(() => cleanup.close());
  cleanup.start();
}

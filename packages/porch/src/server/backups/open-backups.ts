import type { Composition } from '../composition.ts';
import { isShared } from '../database-url.ts';
import type { ServerData } from '../open-data.ts';
import type { ServerState } from '../open-state.ts';
import { StartupError } from '../startup-error.ts';
import { Backups } from './backups.ts';

/**
 * Makes the backups that the settings ask for.
 * @throws StartupError where the state is in a database that has backups of its own
 */
export function openBackups(
  { settings, clock, logger, metrics, onClose }: Composition,
  { files }: ServerData,
  { store }: ServerState,
): Pick<Backups, 'start'> {
  const wanted = settings.backup.directory !== '';
  if (wanted && isShared(settings.database)) {
    throw new StartupError(
      '--backup-dir is for servers with a database of their own; back up the PostgreSQL database with its own tools',
    );
  }
  const backups = new Backups({ store, files, settings: settings.backup, clock, logger, metrics });
  onClose(() => backups.close());
  return wanted ? backups : { start: () => undefined };
}

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from './data-files.ts';
import { StartupError } from './startup-error.ts';

const text = 'The state of this server is in a database; what is in store, if anything, is of another time.\n';

function noteIn(directory: string): string {
  return join(directory, 'state-in-database');
}

/** Notes in a data directory whether the state of its server is in a shared database, for who is not told so. */
export async function noteSharedState(directory: string, isShared: boolean): Promise<void> {
  const path = noteIn(directory);
  if (!isShared) await rm(path, { force: true });
  else if (!existsSync(path)) await writePrivateFile(path, text);
}

/** @throws StartupError, with the advice, when the state of the directory's server is in a database */
export async function requireOwnState(directory: string, advice: string): Promise<void> {
  if (!existsSync(noteIn(directory))) return;
  throw new StartupError(`the state of the server of ${directory} is in a database; ${advice}`);
}

/** @throws StartupError when the state of the directory's server is in a database, and one is begun that is not told so */
export async function requireNothingShared(directory: string): Promise<void> {
  const advice = `give --database-url-file, or remove ${noteIn(directory)} to go on with what the directory has itself`;
  await requireOwnState(directory, advice);
}

/** @throws StartupError when the directory has a state of its own, which a database that is used from now on would not have */
export async function requireNothingOwn(directory: string): Promise<void> {
  if (existsSync(noteIn(directory)) || !existsSync(join(directory, 'store', 'store.db'))) return;
  throw new StartupError(
    `${directory} has a state of its own, which the database does not have; move it there with porch migrate-store, or choose another directory with --data-dir`,
  );
}

import { rm } from 'node:fs/promises';
import { type DataFiles, readIfThere, writePrivateFile } from './data-files.ts';
import { StartupError } from './startup-error.ts';

const text = 'The state of this server is in a database; what is in store, if anything, is of another time.\n';

/** Notes in a data directory whether the state of its server is in a shared database, for commands that are not told so. */
export async function noteSharedState(
  { sharedState }: Pick<DataFiles, 'sharedState'>,
  isShared: boolean,
): Promise<void> {
  if (!isShared) await rm(sharedState, { force: true });
  else if ((await readIfThere(sharedState)) === undefined) await writePrivateFile(sharedState, text);
}

/** @throws StartupError, with the advice, when the state is in a database */
export async function requireOwnState(
  { root, sharedState }: Pick<DataFiles, 'root' | 'sharedState'>,
  advice: string,
): Promise<void> {
  if ((await readIfThere(sharedState)) === undefined) return;
  throw new StartupError(`the state of the server of ${root} is in a database; ${advice}`);
}

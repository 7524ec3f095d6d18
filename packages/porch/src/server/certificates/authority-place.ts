import type { Composition } from '../composition.ts';
import { isShared } from '../database-url.ts';
import type { ServerData } from '../open-data.ts';
import type { ServerState } from '../open-state.ts';
import type { AuthorityPlace } from './authorities.ts';
import { authorityFiles } from './authority-files.ts';
import { storedAuthority } from './stored-authority.ts';

/** Where a server's certificate authorities are kept: in the database that it shares with others, else in its data directory. */
export function authorityPlace(
  { settings }: Pick<Composition, 'settings'>,
  { files }: Pick<ServerData, 'files'>,
  state: ServerState,
): AuthorityPlace {
  return isShared(settings.database) ? storedAuthority(state) : authorityFiles(files);
}

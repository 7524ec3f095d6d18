import { readFile } from 'node:fs/promises';
import { checkPostgresUrl } from '@porch/apiserver';
import type { DatabaseSettings } from './settings.ts';
import { StartupError } from './startup-error.ts';

/** Whether the state is in a database that other processes may use too. */
export function isShared({ url, urlFile }: DatabaseSettings): boolean {
  return url !== '' || urlFile !== '';
}

/**
 * The URL of the shared database, or undefined where there is none. A file goes before the environment.
 * @throws StartupError when the file cannot be read, or has no valid URL; the message says where the URL was given, and nothing of it
 */
export async function databaseUrl(settings: DatabaseSettings): Promise<string | undefined> {
  if (!isShared(settings)) return undefined;
  const { url, urlFile, urlFlag = '--database-url-file' } = settings;
  const given = urlFile === '' ? url : await readUrl(urlFile, urlFlag);
  try {
    checkPostgresUrl(given);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const where = urlFile === '' ? 'PORCH_DATABASE_URL' : `${urlFlag} ${urlFile}`;
    throw new StartupError(`${where}: ${why}`, { cause: error });
  }
  return given;
}

async function readUrl(file: string, flag: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the database URL cannot be read from ${flag}: ${why}`, { cause: error });
  }
  if (text.trim() === '') {
    throw new StartupError(`${flag} ${file} is empty; it must hold postgres://USER:PASSWORD@HOST:PORT/DATABASE`);
  }
  return text.trim();
}

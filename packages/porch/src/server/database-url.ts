import { readFile } from 'node:fs/promises';
import type { DatabaseSettings } from './settings.ts';
import { StartupError } from './startup-error.ts';

/** Whether the state is in a database that other processes may use too. */
export function isShared({ url, urlFile }: DatabaseSettings): boolean {
  return url !== '' || urlFile !== '';
}

/**
 * The URL of the shared database, or undefined where there is none. A file goes before the environment.
 * @throws StartupError when the file cannot be read or is empty; the message has nothing of what is in it
 */
export async function databaseUrl({ url, urlFile }: DatabaseSettings): Promise<string | undefined> {
  if (urlFile === '') return url === '' ? undefined : url;
  let text: string;
  try {
    text = await readFile(urlFile, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the database URL cannot be read from --database-url-file: ${why}`, { cause: error });
  }
  if (text.trim() === '') {
    throw new StartupError(`${urlFile} is empty; it must hold postgres://USER:PASSWORD@HOST:PORT/DATABASE`);
  }
  return text.trim();
}

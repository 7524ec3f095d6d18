import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DataFiles, readIfThere, writePrivateFile } from './data-files.ts';
import { StartupError } from './startup-error.ts';

const keyBytes = 32;
const adviceOfDatabase =
  'name that of the database with --encryption-key-file; for a new database make one with: openssl rand -base64 32';

const adviceOfDirectory = 'restore it from a backup, or name the one that the server had with --encryption-key-file';

/**
 * The key that Secrets are encrypted with, 32 bytes: of the given file, or of the data directory's own, which is made before there is a
 * store.
 * @throws StartupError when the file is missing or damaged
 */
export async function secretsKey(files: Pick<DataFiles, 'secretsKey' | 'store'>, keyFile: string): Promise<Buffer> {
  if (keyFile !== '') return (await storedKey(keyFile, adviceOfDatabase)) ?? missing(keyFile, adviceOfDatabase);
  const path = files.secretsKey;
  if ((await readIfThere(path)) === undefined && !existsSync(join(files.store, 'store.db'))) await makeKey(path);
  return (await storedKey(path, adviceOfDirectory)) ?? missing(path, adviceOfDirectory);
}

/** Makes a key, in a file of its own. */
export async function makeKey(path: string): Promise<void> {
  await writePrivateFile(path, `${randomBytes(keyBytes).toString('base64')}\n`);
}

function missing(path: string, advice: string): never {
  throw new StartupError(`the encryption key ${path} is missing; ${advice}`);
}

/**
 * The key in a file, or undefined where there is no file.
 * @throws StartupError, with the advice, when it is damaged
 */
export async function storedKey(path: string, advice: string): Promise<Buffer | undefined> {
  let text: string | undefined;
  try {
    text = await readIfThere(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the encryption key cannot be read: ${why}`, { cause: error });
  }
  if (text === undefined) return undefined;
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) {
    throw new StartupError(`${path} is damaged: it must hold ${keyBytes} bytes in base64; ${advice}`);
  }
  return key;
}

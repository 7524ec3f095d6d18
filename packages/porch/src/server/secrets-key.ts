import { randomBytes } from 'node:crypto';
import { type DataFiles, readIfThere, writePrivateFile } from './data-files.ts';
import { StartupError } from './startup-error.ts';

const keyBytes = 32;
const adviceOfDatabase =
  'name that of the database with --encryption-key-file; for a new database make one with: openssl rand -base64 32';

/**
 * The key that Secrets are encrypted with, 32 bytes: of the given file, or of the data directory's own, which is made when it is
 * first needed.
 * @throws StartupError when the file is missing or damaged
 */
export async function secretsKey(files: Pick<DataFiles, 'secretsKey'>, keyFile: string): Promise<Buffer> {
  if (keyFile !== '') return readKey(keyFile, adviceOfDatabase);
  if ((await readIfThere(files.secretsKey)) === undefined) {
    await writePrivateFile(files.secretsKey, `${randomBytes(keyBytes).toString('base64')}\n`);
  }
  return readKey(files.secretsKey, 'restore it from a backup');
}

async function readKey(path: string, advice: string): Promise<Buffer> {
  let text: string | undefined;
  try {
    text = await readIfThere(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartupError(`the encryption key cannot be read: ${why}`, { cause: error });
  }
  if (text === undefined) throw new StartupError(`the encryption key ${path} is missing; ${advice}`);
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) {
    throw new StartupError(`${path} is damaged: it must hold ${keyBytes} bytes in base64; ${advice}`);
  }
  return key;
}

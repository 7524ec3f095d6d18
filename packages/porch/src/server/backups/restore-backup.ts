import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MissingKeyError, restoreSqliteStore } from '@porch/apiserver';
import { isMissingFile, isNoDirectory } from '../../git/broker/system-errors.ts';
import { authorityFiles } from '../certificates/authority-files.ts';
import { prepareDataDirectory } from '../data-directory.ts';
import { openDataFiles, readIfThere } from '../data-files.ts';
import { makeKey, storedKey } from '../secrets-key.ts';
import { StartupError } from '../startup-error.ts';
import { systemReason } from '../system-reason.ts';
import { readUsers } from '../users/user-file.ts';
import { besideStore, copyIfThere, storeFile } from './backup-files.ts';
import { noted, requireFinishedRestore } from './unfinished-restore.ts';

/** Which backup is restored, and how. */
export interface RestoreSettings {
  readonly backup: string;
  readonly dataDirectory: string;
  /** Path of the key of the Secrets; empty for the backup's own. */
  readonly encryptionKeyFile: string;
  /** Leaves the Secrets out: their key is lost, or they are not for whoever gets the data directory. */
  readonly withoutSecrets: boolean;
}

/** What a data directory was given. */
export interface RestoredBackup {
  readonly objects: number;
  /** How many of the objects are Secrets. */
  readonly secrets: number;
  /** How many Secrets were left out. */
  readonly leftOut: number;
  readonly users: number;
  /** Whether the certificate authority, which kubeconfigs know, is there. */
  readonly hasAuthority: boolean;
}

/**
 * Makes a data directory from a backup. The server that is started on it goes on with revisions that nobody has seen, so that no client
 * takes old for new. No server starts on a directory whose restore was interrupted.
 * @throws StartupError when the directory is not empty or cannot be used, the backup cannot be used, or the key of its Secrets is missing;
 * nothing is left in the directory then
 */
export async function restoreBackup(settings: RestoreSettings): Promise<RestoredBackup> {
  const from = resolve(settings.backup);
  const to = resolve(settings.dataDirectory);
  await requireBackup(from);
  await requireEmpty(to);
  try {
    return await noted(to, () => restore(from, to, settings));
  } catch (error) {
    for (const name of await readdir(to)) await rm(join(to, name), { recursive: true });
    const why = error instanceof MissingKeyError ? await withoutKey(from, error, settings) : reasonOf(error);
    throw new StartupError(`the backup ${from} cannot be restored: ${why}`, { cause: error });
  }
}

async function restore(
  from: string,
  to: string,
  { encryptionKeyFile, withoutSecrets }: RestoreSettings,
): Promise<RestoredBackup> {
  for (const part of besideStore) {
    if (part !== 'keys' || !withoutSecrets) await copyIfThere(join(from, part), join(to, part));
  }
  const files = await openDataFiles(to);
  const authority = await authorityFiles({ pki: join(from, 'pki') }).read();
  const users = await readUsers(join(from, 'users.json'));
  const key = withoutSecrets ? undefined : await keyOf(from, encryptionKeyFile);
  const restored = await restoreSqliteStore(join(from, storeFile), files.store, {
    withoutEncrypted: withoutSecrets,
    ...(key && { key }),
  });
  // A store without Secrets takes any key, but none is made later for a store that is there.
  if (key === undefined) await makeKey(files.secretsKey);
  const { objects, encrypted: secrets, leftOut } = restored;
  return { objects, secrets, leftOut, users: users.length, hasAuthority: authority !== undefined };
}

async function keyOf(from: string, encryptionKeyFile: string): Promise<Buffer | undefined> {
  const key = await storedKey(encryptionKeyFile === '' ? ownKey(from) : encryptionKeyFile, advice);
  if (key !== undefined || encryptionKeyFile === '') return key;
  throw new StartupError(`the encryption key ${encryptionKeyFile} is missing; ${advice}`);
}

const ownKey = (backup: string): string => join(backup, 'keys', 'secrets.key');

const advice =
  'name the right one with --encryption-key-file (other backups of the server have it as keys/secrets.key), or leave the Secrets out with --without-secrets';

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function withoutKey(from: string, { objects }: MissingKeyError, { encryptionKeyFile }: RestoreSettings) {
  const secrets = objects === 1 ? 'its Secret' : `its ${objects} Secrets`;
  if (encryptionKeyFile !== '') return `${encryptionKeyFile} is not the key of ${secrets}; ${advice}`;
  return (await readIfThere(ownKey(from))) === undefined
    ? `it has no keys/secrets.key, without which nobody can read ${secrets}; ${advice}`
    : `its keys/secrets.key is not the key of ${secrets}; ${advice}`;
}

async function requireBackup(path: string): Promise<void> {
  try {
    await stat(join(path, storeFile));
  } catch (error) {
    if (!isMissingFile(error) && !isNoDirectory(error)) {
      throw new StartupError(`the backup ${path} cannot be read: ${systemReason(error)}`, { cause: error });
    }
    throw new StartupError(`${path} is no backup: it has no ${storeFile}; give a folder that --backup-dir has`, {
      cause: error,
    });
  }
}

async function requireEmpty(path: string): Promise<void> {
  await prepareDataDirectory(path);
  await requireFinishedRestore(path);
  if ((await readdir(path)).length > 0) {
    throw new StartupError(`data directory ${path} is not empty; move it away, or choose another one with --data-dir`);
  }
}

import type { Command, Option } from 'commander';
import { defaultSettings, type Settings } from '../server/settings.ts';
import { PathOption } from './path-options.ts';

/** The flags of `addDatabaseOptions`, parsed. */
export interface DatabaseFlags {
  readonly databaseUrlFile: string;
  readonly encryptionKeyFile: string;
}

/** Adds the flags that say where the state is kept. `what`: what is done with a database, before its description. */
export function addDatabaseOptions(command: Command, what = 'keep the state in'): Command {
  return command
    .addOption(databaseUrlOption(what, 'none: a database in the data directory'))
    .addOption(encryptionKeyOption());
}

/** The flag that names a PostgreSQL database. `what`: what is done with it, before "the PostgreSQL database". */
export function databaseUrlOption(what: string, defaultText: string): Option {
  return new PathOption(
    '--database-url-file <file>',
    `${what} the PostgreSQL database whose postgres:// URL is in this file (or in PORCH_DATABASE_URL)`,
    'a file',
  )
    .default(defaultSettings.database.urlFile, defaultText)
    .env('PORCH_DATABASE_URL_FILE');
}

/** The flag that names the key of Secrets. */
export function encryptionKeyOption(): Option {
  return new PathOption(
    '--encryption-key-file <file>',
    'key that Secrets are encrypted with, 32 bytes in base64',
    'a file',
  )
    .default(defaultSettings.encryptionKeyFile, "the data directory's own")
    .env('PORCH_ENCRYPTION_KEY_FILE');
}

/** What the flags and the environment say of the database. A URL with a password is on no command line. */
export function databaseSettings(
  flags: DatabaseFlags,
  env: NodeJS.ProcessEnv,
): Pick<Settings, 'database' | 'encryptionKeyFile'> {
  return {
    database: { url: env['PORCH_DATABASE_URL'] ?? '', urlFile: flags.databaseUrlFile },
    encryptionKeyFile: flags.encryptionKeyFile,
  };
}

import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Logger } from 'pino';
import type { MigrationOptions } from '../server/migration/migrate-store.ts';
import { StartupError } from '../server/startup-error.ts';
import { createLogger } from './logger.ts';
import { otherFlags } from './other-flags.ts';
import { PathOption } from './path-options.ts';
import { quoted } from './quoted.ts';

/** Moves a store; gives how much that was. */
export type MigrateStore = (
  options: MigrationOptions,
) => Promise<{ readonly objects: number; readonly contents: number }>;

interface Flags {
  readonly from?: string;
  readonly to?: string;
  readonly fromDatabaseUrlFile?: string;
  readonly toDatabaseUrlFile?: string;
  readonly encryptionKeyFile: string;
}

/** What the command needs beside its flags. */
export interface MigrateCommandParts {
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>;
  loadMigration(): Promise<MigrateStore>;
}

/** Adds `porch migrate-store`. */
export function addMigrateCommand(program: Command, parts: MigrateCommandParts): void {
  program
    .command('migrate-store')
    .description(
      'copy the store of a data directory into an empty PostgreSQL database, or back into an empty directory',
    )
    .helpOption('-h, --help', 'print this')
    .addOption(new Option('--from <dir>', 'data directory to move from; no server may run on it'))
    .addOption(
      new PathOption(
        '--to-database-url-file <file>',
        'file with the postgres:// URL of the database to fill',
        'a file',
      ),
    )
    .addOption(
      new PathOption(
        '--from-database-url-file <file>',
        'file with the URL of the database to move from; stop its servers first',
        'a file',
      ),
    )
    .addOption(new Option('--to <dir>', 'data directory to fill'))
    .addOption(
      new PathOption('--encryption-key-file <file>', "key of the database's Secrets, 32 bytes in base64", 'a file')
        .default('', "the data directory's own")
        .env('PORCH_ENCRYPTION_KEY_FILE'),
    )
    .action(async (flags: Flags) => {
      const options = optionsOf(flags, createLogger({ logLevel: 'warn', logFormat: 'text' }));
      const { objects, contents } = await (await parts.loadMigration())(options);
      parts.stdout.write(`Moved ${objects} objects and ${contents} contents of packages.\n${next(options)}`);
    });
}

function optionsOf(flags: Flags, logger: Logger): MigrationOptions {
  const { from, to, fromDatabaseUrlFile, toDatabaseUrlFile, encryptionKeyFile } = flags;
  const key = encryptionKeyFile === '' ? '' : resolve(encryptionKeyFile);
  const common = { encryptionKeyFile: key, logger };
  if (from !== undefined && toDatabaseUrlFile !== undefined && to === undefined && fromDatabaseUrlFile === undefined) {
    const database = { url: '', urlFile: resolve(toDatabaseUrlFile), urlFlag: '--to-database-url-file' };
    return { ...common, direction: 'to-database', directory: resolve(from), database };
  }
  if (to !== undefined && fromDatabaseUrlFile !== undefined && from === undefined && toDatabaseUrlFile === undefined) {
    const database = { url: '', urlFile: resolve(fromDatabaseUrlFile), urlFlag: '--from-database-url-file' };
    return { ...common, direction: 'to-directory', directory: resolve(to), database };
  }
  throw new StartupError(
    'migrate-store needs --from DIR and --to-database-url-file FILE, or --from-database-url-file FILE and --to DIR',
  );
}

/** The flags that are new; the others are those that the servers had. */
function next({ direction, directory, database, encryptionKeyFile }: MigrationOptions): string {
  const directoryFlag = `--data-dir ${quoted(directory)}`;
  if (direction === 'to-directory') return `Start: porch serve ${directoryFlag}\n${otherFlags}\n`;
  const key = encryptionKeyFile === '' ? `${directory}/keys/secrets.key` : encryptionKeyFile;
  return [
    `Start: porch serve ${directoryFlag} --database-url-file ${quoted(database.urlFile)} --encryption-key-file ${quoted(key)}`,
    otherFlags,
    'Every server on the database needs that key. Users of porch user stay in the data directory.',
    '',
  ].join('\n');
}

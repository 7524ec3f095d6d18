import { type Command, Option } from 'commander';
import { type BackupSettings, defaultSettings } from '../server/settings.ts';
import { frequency, wholeNumber } from './option-values.ts';
import { PathOption } from './path-options.ts';

/** The flags of `addBackupOptions`, parsed. */
export interface BackupFlags {
  readonly backupDir: string;
  readonly backupFrequency: number;
  readonly backupKeep: number;
}

/** Adds the flags that say which backups are made of the data directory. */
export function addBackupOptions(command: Command): Command {
  const { directory, frequencyMs, keep } = defaultSettings.backup;
  return command
    .addOption(
      new PathOption(
        '--backup-dir <dir>',
        'make backups of the data directory there; porch restore takes one',
        'a directory to write to',
      )
        .default(directory, 'none')
        .env('PORCH_BACKUP_DIR'),
    )
    .addOption(
      new Option('--backup-frequency <duration>', 'time between two backups')
        .default(frequencyMs, '24h')
        .env('PORCH_BACKUP_FREQUENCY')
        .argParser(frequency),
    )
    .addOption(
      new Option('--backup-keep <number>', 'how many backups are kept')
        .default(keep)
        .env('PORCH_BACKUP_KEEP')
        .argParser(wholeNumber(1)),
    );
}

/** What the flags say of backups. */
export function backupSettings({ backupDir, backupFrequency, backupKeep }: BackupFlags): BackupSettings {
  return { directory: backupDir, frequencyMs: backupFrequency, keep: backupKeep };
}

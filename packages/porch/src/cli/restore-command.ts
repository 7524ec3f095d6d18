import type { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';

/** What the command needs beside its flags. */
export interface RestoreCommandParts {
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>;
}

/** Adds `porch restore`, which makes a data directory from a backup. */
export function addRestoreCommand(program: Command, { stdout }: RestoreCommandParts): void {
  program
    .command('restore <backup>')
    .description('make a data directory from a backup that porch serve --backup-dir has made')
    .helpOption('-h, --help', 'print this')
    .addOption(dataDirOption())
    .action(async (backup: string, { dataDir }: { readonly dataDir: string }) => {
      const { restoreBackup } = await import('../server/backups/restore-backup.ts');
      await restoreBackup(backup, dataDir);
      stdout.write(`Restored ${dataDir}. Next: porch serve --data-dir ${dataDir}\n`);
    });
}

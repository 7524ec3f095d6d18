import type { Command } from 'commander';
import type { RestoredBackup } from '../server/backups/restore-backup.ts';
import { dataDirOption } from './data-dir-option.ts';
import { otherFlags } from './other-flags.ts';
import { PathOption } from './path-options.ts';
import { quoted } from './quoted.ts';

/** What the command needs beside its flags. */
export interface RestoreCommandParts {
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>;
  readonly stderr: Pick<NodeJS.WriteStream, 'write'>;
}

interface Flags {
  readonly dataDir: string;
  readonly encryptionKeyFile: string;
  readonly withoutSecrets?: boolean;
}

/** Adds `porch restore`, which makes a data directory from a backup. */
export function addRestoreCommand(program: Command, { stdout, stderr }: RestoreCommandParts): void {
  program
    .command('restore <backup>')
    .description('make a data directory from a backup that porch serve --backup-dir has made')
    .helpOption('-h, --help', 'print this')
    .addOption(dataDirOption())
    .addOption(
      new PathOption(
        '--encryption-key-file <file>',
        'key that the Secrets are encrypted with, 32 bytes in base64',
        'a file',
      )
        .default('', "the backup's own")
        .env('PORCH_ENCRYPTION_KEY_FILE'),
    )
    .option('--without-secrets', 'leave the Secrets out: their key is lost, or they are for nobody else')
    .action(async (backup: string, { dataDir, encryptionKeyFile, withoutSecrets = false }: Flags) => {
      const { restoreBackup } = await import('../server/backups/restore-backup.ts');
      const settings = { backup, dataDirectory: dataDir, encryptionKeyFile, withoutSecrets };
      const restored = await restoreBackup(settings);
      if (!restored.hasAuthority) {
        stderr.write(
          'porch: the backup has no certificate authority (pki/authority.json): unless its certificates come from elsewhere, the server makes a new one, and everyone needs a new kubeconfig\n',
        );
      }
      const key =
        encryptionKeyFile === '' || withoutSecrets ? '' : ` --encryption-key-file ${quoted(encryptionKeyFile)}`;
      stdout.write(
        `Restored ${dataDir}: ${contents(restored)}.\nNext: porch serve --data-dir ${quoted(dataDir)}${key}\n${otherFlags}\n`,
      );
    });
}

function contents({ objects, secrets, leftOut, users }: RestoredBackup): string {
  const without = leftOut === 0 ? '' : `, left out: ${leftOut}`;
  return `${objects} objects (Secrets: ${secrets}${without}), users of porch user: ${users}`;
}

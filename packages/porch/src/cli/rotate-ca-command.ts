import { type Command, Option } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { addDatabaseOptions, type DatabaseFlags, databaseSettings } from './database-options.ts';
import { createLogger } from './logger.ts';
import { duration, hour } from './option-values.ts';

/** What the command needs beside its flags. */
export interface RotateCommandParts {
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>;
  readonly env: NodeJS.ProcessEnv;
}

interface Flags extends DatabaseFlags {
  readonly dataDir: string;
  readonly signAfter: number;
  readonly forgetOld?: boolean;
}

/** A new authority is to sign long before the old one ends. */
const longestWait = 365 * 24 * hour;

/** Adds `porch rotate-ca`, which works with the server up or down. */
export function addRotateCommand(program: Command, { stdout, env }: RotateCommandParts): void {
  const command = program
    .command('rotate-ca')
    .description('make a new certificate authority; servers that run take it up within seconds')
    .helpOption('-h, --help', 'print this')
    .addOption(dataDirOption())
    .addOption(
      new Option('--sign-after <duration>', 'time for which the new one is shown beside the old one before it signs')
        .default(24 * hour, '24h')
        .argParser(duration(0, '24h', longestWait)),
    )
    .option(
      '--forget-old',
      'believe the old one no longer: its key was stolen; without a cluster, everyone needs a new kubeconfig at once',
    );
  addDatabaseOptions(command, 'work with').action(async (flags: Flags) => {
    const { rotateAuthority } = await import('../server/certificates/rotate-authority.ts');
    const signsFrom = await rotateAuthority({
      ...databaseSettings(flags, env),
      dataDirectory: flags.dataDir,
      signAfterMs: flags.signAfter,
      forgetOld: flags.forgetOld === true,
      clock: () => new Date(),
      logger: createLogger({ logLevel: 'warn', logFormat: 'text' }),
    });
    // Clients of a cluster know its kube-apiserver only, which is told of the new one.
    const own = 'kubeconfigs that a server which stands alone has made before';
    const when = signsFrom.toISOString();
    stdout.write(
      flags.forgetOld === true
        ? `The new certificate authority is the only one; ${own} are worthless: porch kubeconfig makes new ones.\n`
        : `The new certificate authority signs from ${when}. Until then ${own} are good: porch kubeconfig makes new ones.\n`,
    );
  });
}

import { type Command, InvalidArgumentError } from 'commander';
import type { Logger } from 'pino';
import { defaultSettings } from '../server/settings.ts';
import type { ListedUser, UserManager } from '../server/users/manage-users.ts';
import { madeDataDirOption } from './data-dir-option.ts';
import { encryptionKeyOption } from './database-options.ts';
import { createLogger } from './logger.ts';
import { httpUrl, namespace } from './option-values.ts';
import { PathOption } from './path-options.ts';
import { quoted } from './quoted.ts';

/** What the commands need beside their flags. */
export interface UserCommandParts {
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>;
  /** Opens the users of a data directory; loaded only when a command needs it. */
  loadUsers(dataDirectory: string, encryptionKeyFile: string, logger: Logger): Promise<UserManager>;
}

interface Flags {
  readonly dataDir: string;
  /** Of the commands that open the database when no server runs. */
  readonly encryptionKeyFile?: string;
  readonly role: string;
  readonly namespace?: string;
  readonly group?: readonly string[];
  readonly out?: string;
  readonly server?: string;
  readonly revokeOthers?: boolean;
}

/** Clients send no token to an address without TLS. */
function serverUrl(text: string): string {
  const example = 'https://porch.example.com:9443';
  if (httpUrl(text, example).protocol !== 'https:') {
    throw new InvalidArgumentError(`Give a URL of https, for instance ${example}.`);
  }
  return text;
}

function gather(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), text];
}

/** Columns padded to their widest text, with a heading. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('   ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

/** The flag that the next command needs for the same data directory. */
function again(dataDir: string): string {
  return dataDir === defaultSettings.dataDirectory ? '' : ` --data-dir ${quoted(dataDir)}`;
}

function listed(users: readonly ListedUser[], dataDir: string): string {
  if (users.length === 0) {
    return `There are no users in ${dataDir}; add one with: porch user add NAME --role ROLE${again(dataDir)}\n`;
  }
  const rows = users.map(({ user, grants }) => [
    user.name,
    grants.map(({ role, namespace }) => (namespace === '' ? role : `${role} in ${namespace}`)).join(', ') || '-',
    user.groups.join(', ') || '-',
    String(user.tokens.length),
  ]);
  return table([['NAME', 'ROLES', 'GROUPS', 'TOKENS'], ...rows]);
}

/** Adds `porch user …` and `porch kubeconfig`, which work with the server up or down. */
export function addUserCommands(program: Command, parts: UserCommandParts): void {
  const print = (text: string): void => void parts.stdout.write(text);
  const open = ({ dataDir, encryptionKeyFile = '' }: Flags): Promise<UserManager> =>
    parts.loadUsers(dataDir, encryptionKeyFile, createLogger({ logLevel: 'warn', logFormat: 'text' }));
  const user = program
    .command('user')
    .description('manage who may use the server')
    .helpOption('-h, --help', 'print this');

  user
    .command('add <name>')
    .description('add a user, or give one a further role; no password is set: see porch kubeconfig')
    .helpOption('-h, --help', 'print this')
    .requiredOption('--role <role>', 'porch-viewer, porch-editor, porch-approver, porch-admin, or a role of your own')
    .option('--namespace <namespace>', 'where the role holds; everywhere unless told', namespace)
    .option('--group <group>', 'a group that the user is in; may be repeated', gather)
    .addOption(madeDataDirOption())
    .addOption(encryptionKeyOption())
    .action(async (name: string, flags: Flags) => {
      const namespace = flags.namespace ?? '';
      await (await open(flags)).add({ user: name, role: flags.role, namespace }, flags.group ?? []);
      const where = namespace === '' ? 'everywhere' : `in namespace ${namespace}`;
      const there = namespace === '' ? '' : ` --namespace ${namespace}`;
      const next = `porch kubeconfig ${name}${there}${again(flags.dataDir)} --out FILE`;
      print(`User ${name} has role ${flags.role} ${where}. Next: ${next}\n`);
    });

  user
    .command('remove <name>')
    .description("remove a user: the user's tokens end within a second, and the roles given here are taken away")
    .helpOption('-h, --help', 'print this')
    .addOption(madeDataDirOption())
    .addOption(encryptionKeyOption())
    .action(async (name: string, flags: Flags) => {
      await (await open(flags)).remove(name);
      print(`User ${name} is removed.\n`);
    });

  user
    .command('list')
    .description('list the users with the roles that were given here')
    .helpOption('-h, --help', 'print this')
    .addOption(madeDataDirOption())
    .addOption(encryptionKeyOption())
    .action(async (flags: Flags) => print(listed(await (await open(flags)).list(), flags.dataDir)));

  program
    .command('kubeconfig <name>')
    .description('make a token for a user, and print a kubeconfig with it')
    .helpOption('-h, --help', 'print this')
    .addOption(
      new PathOption(
        '--out <file>',
        'write it to a file that only you can read, instead of printing it',
        'a file to write',
      ),
    )
    .option(
      '--server <url>',
      'address that the user reaches the server at; the one it last printed unless told',
      serverUrl,
    )
    .option('--namespace <namespace>', 'namespace that kubectl uses', namespace, 'default')
    .option('--revoke-others', "end all of the user's earlier tokens")
    .addOption(madeDataDirOption())
    .action(async (name: string, flags: Flags) => {
      const { out, server, namespace = 'default', revokeOthers = false } = flags;
      const text = await (await open(flags)).kubeconfig({
        name,
        namespace,
        revokeOthers,
        ...(server === undefined ? {} : { server }),
        ...(out === undefined ? {} : { out }),
      });
      print(out === undefined ? text : `Wrote ${out}. Whoever has the file is ${name}: send it over a safe channel.\n`);
    });
}

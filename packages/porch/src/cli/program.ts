import { Command, CommanderError } from 'commander';
import type { RunningProcess, Start, StartServer } from '../server/running-server.ts';
import { startupErrorOf } from '../server/startup-error.ts';
import { serverVersion } from '../server/version.ts';
import { addControllersOptions, controllersSettingsOf } from './controllers-options.ts';
import { addFunctionRunnerCommand } from './function-runner-command.ts';
import { refuseEmptyValues } from './given-values.ts';
import { addImportCommand } from './import-command.ts';
import { createLogger } from './logger.ts';
import { addMigrateCommand, type MigrateCommandParts } from './migrate-command.ts';
import { addPackageCommands } from './package-commands.ts';
import { checkPaths } from './path-options.ts';
import { controllersReadyMessage, readyMessage } from './ready-message.ts';
import { addRestoreCommand } from './restore-command.ts';
import { addRotateCommand } from './rotate-ca-command.ts';
import { serve } from './serve.ts';
import { addServeOptions, settingsOf } from './serve-options.ts';
import { addUserCommands, type UserCommandParts } from './user-commands.ts';

/** What the commands need of the process, and how they come by what they load late. */
export interface ProgramParts {
  readonly process: NodeJS.Process;
  /** Loads the server only where one is to be started. */
  loadServer(): Promise<StartServer>;
  /** The same for the controllers alone. */
  loadControllers(): Promise<Start<RunningProcess>>;
  /** Likewise for the users of a data directory. */
  readonly loadUsers: UserCommandParts['loadUsers'];
  /** Likewise for moving a store. */
  readonly loadMigration: MigrateCommandParts['loadMigration'];
}

/** Exit code for what the user can put right: flags, directories, addresses. */
const usageExitCode = 2;

/** What is wrong with a value is said with the value, which may be an address with a password: logs are no place for it. */
function withoutPasswords(text: string): string {
  return text.replace(/:\/\/\S*@/g, '://<redacted>@');
}

function oneLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return `porch: ${withoutPasswords(line)}\n`;
}

function buildProgram(parts: ProgramParts, args: readonly string[], finish: (exitCode: number) => void): Command {
  const { process } = parts;
  const program = new Command('porch')
    .description('Packages of Kubernetes configuration, kept in Git, behind the Kubernetes API')
    .version(`porch ${serverVersion}`, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print what a command does and its flags')
    .helpOption('-h, --help', 'print this')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void process.stdout.write(text),
      writeErr: (text) => void process.stderr.write(text),
      outputError: (text, write) => write(oneLine(text)),
    })
    .hook('preAction', (_program, command) => checkPaths(command));
  addServeOptions(
    program
      .command('serve')
      .description('start a server and run it until it is stopped (Ctrl-C or SIGTERM)')
      .helpOption('-h, --help', 'print this'),
  ).action(async (_flags, command: Command) => {
    const settings = settingsOf(command, process.env);
    const logger = createLogger(settings);
    finish(await serve({ settings, logger, process, start: await parts.loadServer(), ready: readyMessage }));
  });
  addControllersOptions(
    program
      .command('controllers')
      .description('synchronise the repositories of servers that run with --controllers=false on a shared database')
      .helpOption('-h, --help', 'print this'),
  ).action(async (_flags, command: Command) => {
    const settings = controllersSettingsOf(command, process.env);
    const logger = createLogger(settings);
    const start = await parts.loadControllers();
    finish(await serve({ settings, logger, process, start, ready: controllersReadyMessage }));
  });
  addPackageCommands(program, { process, args, finish });
  addUserCommands(program, { stdout: process.stdout, loadUsers: parts.loadUsers });
  addMigrateCommand(program, { stdout: process.stdout, loadMigration: parts.loadMigration });
  addImportCommand(program, { process, finish });
  addRestoreCommand(program, { stdout: process.stdout, stderr: process.stderr });
  addRotateCommand(program, { stdout: process.stdout, env: process.env });
  addFunctionRunnerCommand(program, { process, finish });
  program
    .command('version')
    .description('print the version')
    .helpOption('-h, --help', 'print this')
    .action(() => {
      process.stdout.write(`porch ${serverVersion} (Node.js ${process.version})\n`);
      finish(0);
    });
  refuseEmptyValues(program, process.env);
  return program;
}

/** Runs a command line (without the program's name) and returns the exit code. */
export async function runProgram(args: readonly string[], parts: ProgramParts): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(parts, args, (code) => {
    exitCode = code;
  });
  if (args.length === 0) {
    parts.process.stdout.write(program.helpInformation());
    return 0;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
    const problem = startupErrorOf(error);
    if (problem === undefined) throw error;
    parts.process.stderr.write(oneLine(problem.message));
    for (const detail of problem.details) parts.process.stderr.write(`${detail}\n`);
    return usageExitCode;
  }
}

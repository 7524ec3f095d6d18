import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { StartupError } from '../server/startup-error.ts';
import { systemReason } from '../server/system-reason.ts';
import { quoted } from './quoted.ts';

const { R_OK, W_OK, X_OK } = constants;

interface Kind {
  readonly noun: string;
  /** Fails with an Error of the operating system, or with one whose message says what is wrong. */
  check(path: string): void;
  /** What to do besides choosing another one. */
  advice?(path: string): string;
}

/** What the value of a flag may be the path of. */
const kinds = {
  'a file': { noun: 'file', check: readableFile },
  /** Or `-`, for standard input. */
  'a file or -': { noun: 'file', check: (path) => path === '-' || readableFile(path) },
  'a directory': { noun: 'directory', check: readableDirectory },
  'the data directory of a server': {
    noun: 'data directory',
    check: readableDirectory,
    advice: (path) => `, or start a server that makes it: porch serve --data-dir ${quoted(path)}`,
  },
  'a file to write': { noun: 'file', check: writableFile },
  /** Or `-`, for standard output. */
  'a file to write or -': { noun: 'file', check: (path) => path === '-' || writableFile(path) },
  'a directory to write to': { noun: 'directory', check: writableDirectory },
  /** By its name on the PATH, or by its path. */
  'a command': { noun: 'command', check: executable },
} as const satisfies Readonly<Record<string, Kind>>;

/** An option that names something on disk; `checkPaths` refuses it where that cannot be used. */
export class PathOption extends Option {
  readonly kind: Kind;

  constructor(flags: string, description: string, kind: keyof typeof kinds) {
    super(flags, description);
    this.kind = kinds[kind];
  }
}

/**
 * Looks at what the options of a command name before the command does anything.
 * @throws StartupError that names the flag, the path and what to do
 */
export function checkPaths(command: Command): void {
  for (const option of command.options) {
    const path: unknown = command.getOptionValue(option.attributeName());
    if (option instanceof PathOption && typeof path === 'string' && path !== '') {
      checkPath(option, path, command.getOptionValueSource(option.attributeName()) === 'env');
    }
  }
}

function checkPath({ kind, long, envVar }: PathOption, path: string, isOfEnvironment: boolean): void {
  try {
    kind.check(path);
  } catch (error) {
    const flag = isOfEnvironment ? `${long} (${envVar})` : long;
    throw new StartupError(
      `${kind.noun} ${path} cannot be used: ${reasonOf(error)}; choose another one with ${flag}${kind.advice?.(path) ?? ''}`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
    ? 'it does not exist'
    : systemReason(error);
}

function readableFile(path: string): void {
  if (statSync(path).isDirectory()) throw new Error('it is a directory, and a file is needed');
  accessSync(path, R_OK);
}

function readableDirectory(path: string): void {
  if (!statSync(path).isDirectory()) throw new Error('it is a file, and a directory is needed');
  accessSync(path, R_OK | X_OK);
}

function writableFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) throw new Error('it is a directory, and a file is needed');
  if (found !== undefined) return accessSync(path, W_OK);
  if (!existsSync(dirname(path))) throw new Error('the directory that it would be in does not exist');
  writableDirectory(dirname(path));
}

/** One that is made where it is missing. */
function writableDirectory(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined && dirname(path) !== path) return writableDirectory(dirname(path));
  if (found?.isDirectory() !== true) throw new Error('a file stands where a directory is needed');
  accessSync(path, W_OK | X_OK);
}

function executable(command: string): void {
  if (command.includes('/')) return accessSync(command, X_OK);
  const places = (process.env['PATH'] ?? '').split(delimiter);
  if (!places.some((place) => isExecutable(join(place, command)))) throw new Error('it is not on the PATH');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

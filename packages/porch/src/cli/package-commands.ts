import type { FunctionConfigFile, LocalOutput, ResourceSelector, Writing } from '@porch/kpt';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultSettings } from '../server/settings.ts';
import { interruptible } from './interruptible.ts';
import { PathOption } from './path-options.ts';

/** What the commands need beside their flags. */
export interface PackageCommandParts {
  readonly process: NodeJS.Process;
  /** The whole command line, without the program's name. */
  readonly args: readonly string[];
  /** Takes the exit code. */
  finish(exitCode: number): void;
}

interface Flags {
  readonly schemaDir?: string;
  readonly resultsDir?: string;
  readonly dryRun?: boolean;
  readonly defaultImagePrefix: string;
}

interface RenderFlags extends Flags {
  readonly allowExec?: boolean;
}

type TextMap = Readonly<Record<string, string>>;

interface EvalFlags extends Flags {
  readonly image: string;
  readonly tag?: string;
  readonly fnConfig?: string;
  readonly matchApiVersion?: string;
  readonly matchKind?: string;
  readonly matchName?: string;
  readonly matchNamespace?: string;
  readonly matchLabels?: TextMap;
  readonly matchAnnotations?: TextMap;
  readonly excludeApiVersion?: string;
  readonly excludeKind?: string;
  readonly excludeName?: string;
  readonly excludeNamespace?: string;
  readonly excludeLabels?: TextMap;
  readonly excludeAnnotations?: TextMap;
}

/** Adds `porch render` and `porch eval`, which run functions on packages in directories, without a server. */
export function addPackageCommands(program: Command, parts: PackageCommandParts): void {
  addCommonOptions(
    program
      .command('render [dir]')
      .description(
        'run the pipelines of the package in a directory (the current one unless told), in place, as the server does',
      ),
  )
    .option('--allow-exec', 'run programs that pipelines name by exec, as you: only for packages that you trust')
    .action(async (directory: string | undefined, flags: RenderFlags) => {
      const { renderDirectory } = await import('@porch/kpt');
      const { allowExec = false } = flags;
      const run = localRun(directory, flags, parts);
      parts.finish(await runCommand(parts, (writing) => renderDirectory({ ...run, writing, allowExec })));
    });

  addSelectorOptions(
    addCommonOptions(
      program
        .command('eval [dir] [parameters...]')
        .usage('[options] [dir] -- key=value ...')
        .description('run one function on the resources in a directory (the current one unless told), in place')
        .requiredOption('--image <image>', 'the function')
        .option('--tag <tag>', "version, or range of versions, in place of the image's tag")
        .addOption(
          new PathOption(
            '--fn-config <file>',
            "file with the function's configuration, in place of parameters",
            'a file',
          ),
        ),
    ),
  ).action(async (_first: string | undefined, _others: readonly string[], flags: EvalFlags, command: Command) => {
    const { directory, parameters } = operands(command, parts.args);
    const { image, tag, fnConfig } = flags;
    const { evaluateDirectory, isImageReference, isTagOrRange } = await import('@porch/kpt');
    if (!isImageReference(image)) {
      refuse(command, '--image <image>', image, 'Give the name of an image, for instance set-labels:v0.2.');
    }
    if (tag !== undefined && !isTagOrRange(tag)) {
      refuse(command, '--tag <tag>', tag, 'Give a version, or a range of them, for instance v0.2 or ~0.2.');
    }
    if (fnConfig !== undefined && Object.keys(parameters).length > 0) {
      command.error('parameters after -- cannot be given together with --fn-config; put them into the file');
    }
    const selector = selectorOf(flags, 'match');
    const exclude = selectorOf(flags, 'exclude');
    const config = fnConfig === undefined ? undefined : await functionConfig(command, fnConfig);
    const run = {
      ...localRun(directory, flags, parts),
      image,
      args: parameters,
      ...(tag !== undefined && { tag }),
      ...(config && { config }),
      ...(selector && { selector }),
      ...(exclude && { exclude }),
    };
    parts.finish(await runCommand(parts, (writing) => evaluateDirectory({ ...run, writing })));
  });
}

/** Says what commander says of a value that it finds wrong, for what is not known before the library is loaded. */
function refuse(command: Command, option: string, value: string, advice: string): never {
  return command.error(`error: option '${option}' argument '${value}' is invalid. ${advice}`);
}

async function functionConfig(command: Command, path: string): Promise<FunctionConfigFile> {
  const { LocalError, readFunctionConfig } = await import('@porch/kpt');
  try {
    return readFunctionConfig(path);
  } catch (error) {
    if (!(error instanceof LocalError)) throw error;
    return command.error(`error: --fn-config: ${error.message}`);
  }
}

function runCommand({ process }: PackageCommandParts, command: (writing: Writing) => Promise<number>) {
  return interruptible({ process, say: (text) => void process.stderr.write(text) }, command);
}

function addCommonOptions(command: Command): Command {
  return command
    .helpOption('-h, --help', 'print this')
    .addOption(
      new PathOption(
        '--results-dir <dir>',
        'directory that results.yaml, with what the functions report, is written to',
        'a directory to write to',
      ),
    )
    .option('--dry-run', 'print what would change as a diff; write no file of the package')
    .addOption(
      new Option('--default-image-prefix <prefix>', 'put before function images that name no registry')
        .default(defaultSettings.defaultImagePrefix)
        .env('PORCH_DEFAULT_IMAGE_PREFIX'),
    )
    .addOption(
      new PathOption(
        '--schema-dir <dir>',
        'JSON schemas of Kubernetes, for functions that validate resources',
        'a directory',
      ).env('PORCH_SCHEMA_DIR'),
    );
}

const selectable = [
  ['api-version <version>', 'of this apiVersion'],
  ['kind <kind>', 'of this kind'],
  ['name <name>', 'with this name'],
  ['namespace <namespace>', 'in this namespace'],
] as const;

function addSelectorOptions(command: Command): Command {
  for (const [what, sentence] of [
    ['match', 'run the function only on resources'],
    ['exclude', 'do not run the function on resources'],
  ]) {
    for (const [field, which] of selectable) command.option(`--${what}-${field}`, `${sentence} ${which}`);
    for (const field of ['labels', 'annotations']) {
      command.option(`--${what}-${field} <key=value,...>`, `${sentence} with these ${field}; may be repeated`, gather);
    }
  }
  return command;
}

function gather(text: string, previous: TextMap | undefined): TextMap {
  return { ...previous, ...Object.fromEntries(text.split(',').map(pairOf)) };
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give key=value.');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The directory before `--`, and the parameters after it. */
function operands(command: Command, args: readonly string[]): { directory: string | undefined; parameters: TextMap } {
  const dashes = args.indexOf('--');
  const count = dashes < 0 ? 0 : args.length - dashes - 1;
  const given = command.args.slice(0, command.args.length - count);
  if (given.length > 1) {
    command.error('too many arguments: give one directory, and parameters of the function after --');
  }
  const pairs = command.args.slice(command.args.length - count).map((text) => {
    if (text.indexOf('=') < 1) command.error(`parameter ${JSON.stringify(text)} must be key=value`);
    return pairOf(text);
  });
  return { directory: given[0], parameters: Object.fromEntries(pairs) };
}

function selectorOf(flags: EvalFlags, what: 'match' | 'exclude'): ResourceSelector | undefined {
  const selector = {
    apiVersion: flags[`${what}ApiVersion`],
    kind: flags[`${what}Kind`],
    name: flags[`${what}Name`],
    namespace: flags[`${what}Namespace`],
    labels: flags[`${what}Labels`],
    annotations: flags[`${what}Annotations`],
  };
  const given = Object.entries(selector).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

function localRun(directory: string | undefined, flags: Flags, { process }: PackageCommandParts) {
  const { resultsDir, dryRun = false, defaultImagePrefix, schemaDir } = flags;
  const output: LocalOutput = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    columns: process.stderr.isTTY === true ? process.stderr.columns : undefined,
  };
  return {
    directory: directory ?? '.',
    dryRun,
    defaultImagePrefix,
    output,
    ...(resultsDir !== undefined && { resultsDirectory: resultsDir }),
    ...(schemaDir && { schemaDirectory: schemaDir }),
  };
}

import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  containerEngines,
  defaultFunctionSettings,
  type FunctionRuntimeName,
  type FunctionSettings,
  functionRuntimes,
} from '../server/function-settings.ts';
import { parseListenAddress } from './listen-address.ts';
import { duration } from './option-values.ts';
import { PathOption } from './path-options.ts';

/** What commander makes of the flags that say how functions are run. */
export interface FunctionFlags {
  readonly functionRunner?: string;
  readonly functionRunnerCaFile?: string;
  readonly functionExecutables: string;
  readonly functions: string;
  readonly functionContainers: string;
  readonly functionModules: string;
  readonly disableRuntimes: readonly FunctionRuntimeName[];
  readonly functionTimeout: number;
  readonly functionMemory: number;
  readonly functionMaxOutput: number;
}

const mebibyte = 1 << 20;
/** What commands of container engines need of the environment: where they are, and where their engine is. */
const engineVariables = [
  'PATH',
  'HOME',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'CONTAINER_HOST',
  'CONTAINERD_ADDRESS',
  'CONTAINERD_NAMESPACE',
];

function address(text: string): string {
  const { port = 0 } = parseListenAddress(text) ?? {};
  if (port === 0 || !/^(\[|[A-Za-z0-9][-.A-Za-z0-9]*:)/.test(text)) {
    throw new InvalidArgumentError('Give HOST:PORT, for instance 127.0.0.1:9445.');
  }
  return text;
}

/** The command of a container engine, or its path. */
function engine(text: string): string {
  if (!containerEngines.some((name) => name === basename(text))) {
    throw new InvalidArgumentError(`Give ${containerEngines.join(', ')}, or the path of one.`);
  }
  return text;
}

function mebibytes(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number of MiB, 1 or more.');
  return Number(text) * mebibyte;
}

function runtimes(text: string): readonly FunctionRuntimeName[] {
  return text.split(',').flatMap((part) => {
    const name = part.trim();
    const known = functionRuntimes.find((runtime) => runtime === name);
    if (known !== undefined) return [known];
    if (name === '') return [];
    throw new InvalidArgumentError(`Give some of ${functionRuntimes.join(', ')}.`);
  });
}

/** Adds the flags of a function runner that is used. */
export function addRunnerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--function-runner <host:port>',
        "function runner, Porch's or `porch function-runner`, for what is not built in",
      )
        .default(defaultFunctionSettings.runner, 'none')
        .env('FUNCTION_RUNNER_ADDRESS')
        .argParser(address),
    )
    .addOption(
      new PathOption(
        '--function-runner-ca-file <file>',
        "certificates that the runner's is checked against; encrypts",
        'a file',
      )
        .default(defaultFunctionSettings.runnerCaFile, 'not encrypted')
        .env('PORCH_FUNCTION_RUNNER_CA_FILE'),
    );
}

/** Adds the flags of everything else that runs functions, and of their limits. `limited`: what the limits are for. */
export function addFunctionOptions(command: Command, limited = 'a function that is not built in'): Command {
  const { limits } = defaultFunctionSettings;
  return command
    .addOption(
      new PathOption(
        '--function-executables <file>',
        'table of images and programs of this machine that run them',
        'a file',
      )
        .default(defaultFunctionSettings.executables, 'none')
        .env('PORCH_FUNCTION_EXECUTABLES'),
    )
    .addOption(
      new PathOption('--functions <dir>', 'directory of the programs that FunctionConfigs may name', 'a directory')
        .default(defaultFunctionSettings.programDirectory, 'none')
        .env('PORCH_FUNCTIONS'),
    )
    .addOption(
      new PathOption('--function-containers <engine>', 'run images by docker, podman or nerdctl, shut in', 'a command')
        .default(defaultFunctionSettings.containerEngine, 'none')
        .env('PORCH_FUNCTION_CONTAINERS')
        .argParser(engine),
    )
    .addOption(
      new PathOption('--function-modules <file>', 'table of images and WASI modules that run them', 'a file')
        .default(defaultFunctionSettings.modules, 'none')
        .env('PORCH_FUNCTION_MODULES'),
    )
    .addOption(
      new Option('--disable-runtimes <names>', `ways that are not tried: ${functionRuntimes.join(', ')}`)
        .default(defaultFunctionSettings.disabled, 'none')
        .env('PORCH_DISABLE_RUNTIMES')
        .argParser(runtimes),
    )
    .addOption(
      new Option('--function-timeout <duration>', `most time of ${limited}`)
        .default(limits.timeoutMs, '60s')
        .env('PORCH_FUNCTION_TIMEOUT')
        .argParser(duration(1, '30s or 5m')),
    )
    .addOption(
      new Option('--function-memory <MiB>', 'most memory of such a function, where it is run here')
        .default(limits.memoryBytes, String(limits.memoryBytes / mebibyte))
        .env('PORCH_FUNCTION_MEMORY')
        .argParser(mebibytes),
    )
    .addOption(
      new Option('--function-max-output <MiB>', 'most that such a function may answer, and of messages to a runner')
        .default(limits.outputBytes, String(limits.outputBytes / mebibyte))
        .env('PORCH_FUNCTION_MAX_OUTPUT')
        .argParser(mebibytes),
    );
}

/** The settings that those flags stand for. */
export function functionSettingsOf(
  flags: FunctionFlags,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): FunctionSettings {
  const { functionContainers } = flags;
  const known = engineVariables.map((name) => [name, environment[name] ?? ''] as const);
  return {
    runner: flags.functionRunner ?? '',
    runnerCaFile: flags.functionRunnerCaFile ?? '',
    executables: flags.functionExecutables,
    programDirectory: flags.functions,
    containerEngine: functionContainers,
    engineEnvironment: functionContainers === '' ? {} : Object.fromEntries(known.filter(([, value]) => value !== '')),
    modules: flags.functionModules,
    disabled: flags.disableRuntimes,
    limits: {
      timeoutMs: flags.functionTimeout,
      memoryBytes: flags.functionMemory,
      outputBytes: flags.functionMaxOutput,
    },
  };
}

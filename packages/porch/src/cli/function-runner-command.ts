import { type Command, Option } from 'commander';
import type { RunnerSettings } from '../server/function-runner.ts';
import { completeFunctionSettings } from '../server/function-settings.ts';
import { defaultSettings, type Settings } from '../server/settings.ts';
import { StartupError } from '../server/startup-error.ts';
import { addFunctionOptions, type FunctionFlags, functionSettingsOf } from './function-options.ts';
import { listenArgument } from './listen-address.ts';
import { listenProblem } from './listen-problem.ts';
import { addLogOptions, type LogFlags } from './log-options.ts';
import { createLogger } from './logger.ts';
import { wholeNumber } from './option-values.ts';
import { PathOption } from './path-options.ts';
import { listenForStop } from './stop-signals.ts';

interface RunnerFlags extends FunctionFlags, LogFlags {
  readonly listen: Settings['listen'];
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly defaultImagePrefix: string;
  readonly maxParallelFunctions: number;
}

const usualAddress: Settings['listen'] = { host: '127.0.0.1', port: 9445 };
const usualRuns = 32;

/** What the command needs beside its flags. */
export interface RunnerCommandParts {
  readonly process: NodeJS.Process;
  readonly finish: (exitCode: number) => void;
}

/** Adds `porch function-runner`, which runs functions for servers, ours and the Go one. */
export function addFunctionRunnerCommand(program: Command, parts: RunnerCommandParts): void {
  const command = program
    .command('function-runner')
    .description('run functions for servers, over gRPC, until it is stopped (Ctrl-C or SIGTERM)')
    .helpOption('-h, --help', 'print this')
    .addOption(
      new Option('--listen <host:port>', 'address to listen on; port 0 takes any free one')
        .default(usualAddress, `${usualAddress.host}:${usualAddress.port}`)
        .env('PORCH_FUNCTION_RUNNER_LISTEN')
        .argParser(listenArgument),
    )
    .addOption(
      new PathOption(
        '--tls-cert-file <file>',
        'certificate, in PEM; connections are not encrypted without one',
        'a file',
      ).env('PORCH_FUNCTION_RUNNER_TLS_CERT_FILE'),
    )
    .addOption(
      new PathOption('--tls-private-key-file <file>', 'key of the certificate, in PEM', 'a file').env(
        'PORCH_FUNCTION_RUNNER_TLS_PRIVATE_KEY_FILE',
      ),
    )
    .addOption(
      new Option('--default-image-prefix <prefix>', 'registry and path whose images may be run as containers')
        .default(defaultSettings.defaultImagePrefix)
        .env('PORCH_DEFAULT_IMAGE_PREFIX'),
    )
    .addOption(
      new Option('--max-parallel-functions <number>', 'most functions that run at once; more are refused')
        .default(usualRuns)
        .env('PORCH_MAX_PARALLEL_FUNCTIONS')
        .argParser(wholeNumber(1)),
    );
  addLogOptions(addFunctionOptions(command, 'a function')).action(async (flags: RunnerFlags) =>
    parts.finish(await run(flags, parts)),
  );
}

async function run(flags: RunnerFlags, { process }: RunnerCommandParts): Promise<number> {
  const { startFunctionRunner } = await import('../server/function-runner.ts');
  const logger = createLogger(flags);
  const signals = listenForStop(process, () => performance.now());
  try {
    const runner = await startFunctionRunner(settingsOf(flags), logger).catch((error: unknown) => {
      throw listenProblem(error, flags.listen);
    });
    process.stdout.write(`function runner at ${runner.address}\n`);
    const cause = await signals.stopped;
    logger.info({ cause }, 'stopping');
    await runner.close();
    logger.info('stopped');
    return 0;
  } finally {
    signals.release();
  }
}

function settingsOf(flags: RunnerFlags): RunnerSettings {
  const { tlsCertFile: certFile, tlsPrivateKeyFile: keyFile } = flags;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new StartupError('--tls-cert-file and --tls-private-key-file are given together or not at all');
  }
  return {
    listen: flags.listen,
    functions: completeFunctionSettings(functionSettingsOf(flags)),
    defaultImagePrefix: flags.defaultImagePrefix.replace(/\/+$/, ''),
    mostRuns: flags.maxParallelFunctions,
    ...(certFile !== undefined && keyFile !== undefined && { tls: { certFile, keyFile } }),
  };
}

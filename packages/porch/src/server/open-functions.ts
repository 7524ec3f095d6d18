import {
  ContainerEvaluator,
  connectFunctionRunner,
  ExecutableEvaluator,
  type FunctionEvaluator,
  firstOf,
  ImageTableError,
  ModuleEvaluator,
  type ProgramRunner,
  readImageTable,
} from '@porch/kpt';
import type { Logger } from 'pino';
import { brokerPrograms } from '../git/broker/broker-programs.ts';
import type { Composition } from './composition.ts';
import type { FunctionRuntimeName, FunctionSettings } from './function-settings.ts';
import type { ServerData } from './open-data.ts';
import { readCertificates } from './read-certificates.ts';
import { StartupError } from './startup-error.ts';

/** What functions are run with besides the built-in ones, and in what surroundings. */
export interface FunctionParts {
  readonly settings: FunctionSettings;
  readonly programs: ProgramRunner;
  readonly logger: Logger;
  readonly defaultImagePrefix: string;
}

/** How often the log is told whether the runner can be reached, in milliseconds. */
const checkEveryMs = 10_000;

/**
 * Sets up the ways of running functions that are not built in, in the order in which they are tried. Undefined where there is none.
 *
 * @throws StartupError where a file that is named cannot be used
 */
export async function openEvaluator(parts: FunctionParts): Promise<FunctionEvaluator | undefined> {
  const { settings, programs: runner, defaultImagePrefix } = parts;
  const { disabled, executables, programDirectory, containerEngine, engineEnvironment, modules } = settings;
  const isOn = (name: FunctionRuntimeName, isSetUp: boolean) => isSetUp && !disabled.includes(name);
  const evaluators: FunctionEvaluator[] = [];
  if (executables !== '') await checkTable(executables, 'programs');
  if (modules !== '') await checkTable(modules, 'modules');
  if (isOn('grpc', settings.runner !== '')) evaluators.push(await connectRunner(parts));
  if (isOn('exec', executables !== '' || programDirectory !== '')) {
    evaluators.push(
      new ExecutableEvaluator({
        runner,
        ...(executables !== '' && { table: executables }),
        ...(programDirectory !== '' && { directory: programDirectory }),
      }),
    );
  }
  if (isOn('container', containerEngine !== '')) {
    const prefixes = defaultImagePrefix === '' ? [] : [defaultImagePrefix];
    const environment = engineEnvironment;
    evaluators.push(new ContainerEvaluator({ runner, engine: containerEngine, environment, prefixes }));
  }
  if (isOn('wasm', modules !== '')) evaluators.push(new ModuleEvaluator({ table: modules }));
  return evaluators.length === 0 ? undefined : firstOf(evaluators);
}

/** The same for a server: programs are started by its broker. */
export async function openFunctions(
  { settings, logger, onClose }: Composition,
  { processes }: ServerData,
): Promise<FunctionEvaluator | undefined> {
  const { functions, defaultImagePrefix } = settings;
  const programs = brokerPrograms(processes);
  const evaluator = await openEvaluator({ settings: functions, programs, logger, defaultImagePrefix });
  if (evaluator !== undefined) onClose(() => evaluator.close());
  return evaluator;
}

async function checkTable(path: string, kind: 'programs' | 'modules'): Promise<void> {
  try {
    await readImageTable(path, kind);
  } catch (error) {
    if (error instanceof ImageTableError) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

async function connectRunner({ settings, logger }: FunctionParts): Promise<FunctionEvaluator> {
  const { runner: address, runnerCaFile, limits } = settings;
  const evaluator = await connectFunctionRunner({
    address,
    maxMessageBytes: limits.outputBytes,
    ...(runnerCaFile !== '' && { ca: await readCertificates(runnerCaFile, '--function-runner-ca-file') }),
    onChange: (state) => {
      if (state.serving) logger.info({ address }, 'the function runner takes calls');
      else logger.warn({ address, reason: state.reason }, 'functions that are not built in cannot be run');
    },
  });
  const check = (): void => void evaluator.check();
  const timer = setInterval(check, checkEveryMs);
  timer.unref();
  check();
  return {
    name: evaluator.name,
    evaluate: (request) => evaluator.evaluate(request),
    async close() {
      clearInterval(timer);
      await evaluator.close();
    },
  };
}

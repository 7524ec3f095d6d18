import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createBuiltInEvaluator,
  createFunctionRunner,
  createPackageWorkers,
  type FunctionEvaluator,
  firstOf,
} from '@porch/kpt';
import type { Logger } from 'pino';
import { brokerPrograms } from '../git/broker/broker-programs.ts';
import { startBroker } from '../git/broker/start-broker.ts';
import { readCertificateFiles } from './certificates/certificate-files.ts';
import type { FunctionSettings } from './function-settings.ts';
import { openEvaluator } from './open-functions.ts';

/** Everything that can be chosen about a function runner. */
export interface RunnerSettings {
  /** Address to listen on. Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Paths of the certificate and its key; connections are not encrypted unless given. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly functions: FunctionSettings;
  readonly defaultImagePrefix: string;
  /** Most functions that run at once. */
  readonly mostRuns: number;
}

/** A function runner that takes calls. */
export interface RunningFunctionRunner {
  /** `127.0.0.1:9445`. */
  readonly address: string;
  /** Takes no more calls and waits for those that run, for a time. */
  close(): Promise<void>;
}

/** How long calls that run may go on when the runner is to stop, in milliseconds. */
const graceMs = 30_000;

/** What a thread needs for itself; with less it ends before it begins, and the runner with it. */
const leastThreadMebibytes = 64;

/**
 * Starts a function runner: built-in functions on worker threads, and what else it is set up for.
 *
 * @throws StartupError where a file that is named cannot be used
 * @throws Error of the operating system where the address cannot be listened on
 */
export async function startFunctionRunner(settings: RunnerSettings, logger: Logger): Promise<RunningFunctionRunner> {
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const { host, port } = settings.listen;
    const tls = await readTls(settings);
    const evaluator = await openEvaluators(settings, logger, (close) => closers.push(close));
    const runner = await createFunctionRunner({
      evaluator,
      address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
      limits: settings.functions.limits,
      maxMessageBytes: settings.functions.limits.outputBytes,
      mostRuns: settings.mostRuns,
      ...(tls && { tls }),
      onCall: ({ image, milliseconds, error }) => {
        const call = { image, milliseconds: Math.round(milliseconds) };
        if (error === undefined) logger.debug(call, 'ran a function');
        else logger.info({ ...call, error }, 'a function failed');
      },
    });
    const bound = await runner.listen();
    closers.push(() => runner.close(graceMs));
    return { address: `${host.includes(':') ? `[${host}]` : host}:${bound}`, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function openEvaluators(
  { functions, defaultImagePrefix }: RunnerSettings,
  logger: Logger,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<FunctionEvaluator> {
  const evaluators: FunctionEvaluator[] = [];
  if (!functions.disabled.includes('builtin')) {
    const memoryLimit = Math.max(mebibytes(functions), leastThreadMebibytes);
    const workers = createPackageWorkers({
      threads: availableParallelism(),
      memoryLimit,
      onIdleFailure: (error) => logger.warn({ err: error }, 'a thread that runs functions failed outside of any call'),
    });
    onClose(() => workers.close());
    evaluators.push(createBuiltInEvaluator(workers));
  }
  // The broker starts programs at once, however large this process has grown; it wants a directory of its own, and removes it also
  // where this process is killed.
  const temporary = 'porch-function-runner-';
  const directory = await mkdtemp(join(tmpdir(), temporary));
  onClose(() => rm(directory, { recursive: true, force: true }));
  const processes = await startBroker({
    directory,
    temporary,
    logger,
    needsGit: false,
    onFailure: (error) => {
      logger.fatal({ err: error }, 'the function runner cannot go on');
      process.exit(1);
    },
  });
  onClose(() => processes.close());
  const programs = brokerPrograms(processes);
  const others = await openEvaluator({ settings: functions, programs, logger, defaultImagePrefix });
  if (others !== undefined) {
    onClose(() => others.close());
    evaluators.push(others);
  }
  return firstOf(evaluators);
}

function mebibytes({ limits }: FunctionSettings): number {
  return Math.ceil(limits.memoryBytes / 1048576);
}

async function readTls({ tls }: RunnerSettings): Promise<{ key: Buffer; certificate: Buffer } | undefined> {
  if (tls === undefined) return undefined;
  const { certificate, key } = await readCertificateFiles({ cert: tls.certFile, key: tls.keyFile });
  return { certificate: Buffer.from(certificate), key: Buffer.from(key) };
}

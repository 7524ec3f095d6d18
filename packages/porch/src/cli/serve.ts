import type { Logger } from 'pino';
import { prepareDataDirectory } from '../server/data-directory.ts';
import type { RunningProcess, Start } from '../server/running-server.ts';
import type { Settings } from '../server/settings.ts';
import { listenProblem } from './listen-problem.ts';
import { listenForStop } from './stop-signals.ts';

/** What is run, and in which surroundings. */
export interface ServeParts<Running extends RunningProcess> {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly start: Start<Running>;
  /** What is printed when it is ready. */
  readonly ready: (running: Running, workingDirectory: string) => string;
  readonly process: NodeJS.Process;
}

/**
 * Runs a server, or what else `start` gives, until the process is asked to stop. Returns the exit code.
 * @throws StartupError when it cannot start and the user can change that
 */
export async function serve<Running extends RunningProcess>(parts: ServeParts<Running>): Promise<number> {
  const { settings, logger, start, ready, process } = parts;
  const signals = listenForStop(process, () => performance.now());
  try {
    for (const warning of await prepareDataDirectory(settings.dataDirectory)) logger.warn(warning);
    const stop = new AbortController();
    void signals.stopped.then((cause) => stop.abort(new Error(cause)));
    let server: Running;
    try {
      server = await start(settings, logger, stop.signal);
    } catch (error) {
      if (error !== stop.signal.reason) throw listenProblem(error, settings.listen);
      logger.info({ cause: stop.signal.reason.message }, 'stopped before it was ready');
      return 0;
    }
    process.stdout.write(ready(server, process.cwd()));
    const cause = await signals.stopped;
    logger.info({ cause }, 'stopping');
    await server.close();
    logger.info('stopped');
    return 0;
  } finally {
    signals.release();
  }
}

import type { Logger } from 'pino';

/** Ends the process, which could not keep its word, for a store that has failed and whose opener has not said what is to be done then. */
export function endProcess(logger: Pick<Logger, 'fatal'> | undefined, error: Error): void {
  if (logger === undefined) process.stderr.write(`the store has failed: ${error.message}\n`);
  else logger.fatal({ err: error }, 'the store has failed; the process ends');
  process.exit(1);
}

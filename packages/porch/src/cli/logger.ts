import { type DestinationStream, type Logger, pino } from 'pino';
import type { Settings } from '../server/settings.ts';
import { textLine } from './text-log.ts';

/**
 * Standard error. A line that cannot be written, on a full disk, is lost, and whoever logs goes on; the next one is tried again. pino would
 * throw, and keep all lines until they can be written.
 */
function standardError(): DestinationStream {
  const open = () => pino.destination({ fd: 2, sync: true }).on('error', reopen);
  const reopen = (): void => {
    destination = open();
  };
  let destination = open();
  return { write: (line) => void destination.write(line) };
}

/** The server's log, on standard error. */
export function createLogger(settings: Pick<Settings, 'logLevel' | 'logFormat'>): Logger {
  const destination = standardError();
  if (settings.logFormat === 'json') return pino({ level: settings.logLevel, base: null }, destination);
  const text = { write: (line: string) => destination.write(textLine(line)) };
  return pino({ level: settings.logLevel, base: null }, text);
}

import { type Logger, pino } from 'pino';
import type { Settings } from '../server/settings.ts';
import { textLine } from './text-log.ts';

/** The server's log, on standard error. */
export function createLogger(settings: Pick<Settings, 'logLevel' | 'logFormat'>): Logger {
  const destination = pino.destination({ fd: 2, sync: true });
  if (settings.logFormat === 'json') return pino({ level: settings.logLevel, base: null }, destination);
  const text = { write: (line: string) => void destination.write(textLine(line)) };
  return pino({ level: settings.logLevel, base: null }, text);
}

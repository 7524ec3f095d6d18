import { Cron } from 'croner';
import { parseDuration } from './duration.ts';

const names = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** A parsed `spec.sync.schedule`. */
export interface CronSchedule {
  /** The first time after the given one, or undefined when there is none. */
  next(after: Date): Date | undefined;
}

/** A schedule that is none; the message says what is wrong with it. */
export class CronScheduleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CronScheduleError';
  }
}

const second = 1000;
const every = /^@every\s+(\S+)$/i;
const zoned = /^(?:CRON_)?TZ=(\S*)\s+/;
/** The highest value of each field: minute, hour, day of month, month, day of week. */
const highest = [59, 23, 31, 12, 6];

/**
 * Reads a cron expression of five fields, one of the names such as `@hourly`, or `@every` with a duration as Go writes it. Times are UTC
 * unless `TZ=Europe/Berlin` or the like stands before it, as in the cron of Go.
 * @throws CronScheduleError
 */
export function parseCronSchedule(text: string): CronSchedule {
  const trimmed = text.trim();
  const timezone = zoneOf(zoned.exec(trimmed)?.[1]);
  const expression = trimmed.replace(zoned, '');
  const duration = every.exec(expression)?.[1];
  if (duration !== undefined) return interval(duration);
  if (expression.startsWith('@') && !names.has(expression.toLowerCase())) {
    throw new CronScheduleError(
      `unknown name; use one of ${[...names].join(', ')}, @every with a duration, or a cron expression of five fields`,
    );
  }
  if (!expression.startsWith('@') && expression.split(/\s+/).length !== 5) {
    throw new CronScheduleError(
      'must be a cron expression of five fields (minute, hour, day of month, month, day of week) or a name such as @hourly',
    );
  }
  const cron = parse(expression, timezone);
  if (cron.nextRun() === null) throw new CronScheduleError('names a time that never comes');
  return { next: (after) => cron.nextRun(after) ?? undefined };
}

function zoneOf(name = ''): string {
  if (name === '') return 'UTC';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    throw new CronScheduleError(`unknown time zone "${name}"; use a name such as Europe/Berlin`, { cause: error });
  }
}

function interval(text: string): CronSchedule {
  const ms = parseDuration(text);
  if (ms === undefined || ms < second) {
    throw new CronScheduleError(
      `must have a duration of a second or more after @every, such as 10m or 1h30m, not "${text}"`,
    );
  }
  return { next: (after) => new Date(Math.floor((after.getTime() + ms) / second) * second) };
}

/** `5/15` means "from 5 on", as in the cron of Go. */
function withRanges(expression: string): string {
  if (expression.startsWith('@')) return expression;
  return expression
    .split(/\s+/)
    .map((field, index) => field.replace(/(^|,)(\d+)\/(?=\d)/g, `$1$2-${highest[index]}/`))
    .join(' ');
}

function parse(expression: string, timezone: string): Cron {
  try {
    return new Cron(withRanges(expression), { timezone, mode: '5-part', paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw new CronScheduleError(`is not a cron expression: ${reason}`, { cause: error });
  }
}

import { Cron } from 'croner';

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

/**
 * Reads a cron expression of five fields, or one of the names such as `@hourly`; times are UTC.
 * @throws CronScheduleError
 */
export function parseCronSchedule(text: string): CronSchedule {
  const expression = text.trim();
  if (expression.startsWith('@') && !names.has(expression.toLowerCase())) {
    throw new CronScheduleError(
      `unknown name; use one of ${[...names].join(', ')}, or a cron expression of five fields`,
    );
  }
  if (!expression.startsWith('@') && expression.split(/\s+/).length !== 5) {
    throw new CronScheduleError(
      'must be a cron expression of five fields (minute, hour, day of month, month, day of week) or a name such as @hourly',
    );
  }
  const cron = parse(expression);
  if (cron.nextRun() === null) throw new CronScheduleError('names a time that never comes');
  return { next: (after) => cron.nextRun(after) ?? undefined };
}

function parse(expression: string): Cron {
  try {
    return new Cron(expression, { timezone: 'UTC', mode: '5-part', paused: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw new CronScheduleError(`is not a cron expression: ${reason}`, { cause: error });
  }
}

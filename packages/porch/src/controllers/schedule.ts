import { CronScheduleError, parseCronSchedule } from '../resources/cron-schedule.ts';
import type { Repository } from '../resources/repository.ts';

/** What the next synchronisation depends on besides the Repository. */
export interface Timing {
  readonly now: Date;
  /** Milliseconds between synchronisations where the Repository has no schedule. */
  readonly frequencyMs: number;
  /** A number between 0 and 1. */
  readonly random: () => number;
}

/** How far a synchronisation without a schedule may move, as a part of the frequency. */
const jitter = 0.1;

/**
 * When a repository is to be synchronised next: at its `runOnceAt`, by its schedule, or a while after the last time, whichever
 * comes first. A frequency of 0 leaves out the last.
 */
export function nextSync(object: Repository, timing: Timing): Date | undefined {
  const { schedule, runOnceAt } = object.spec.sync ?? {};
  const times: Date[] = [];
  if (runOnceAt !== undefined) times.push(new Date(runOnceAt));
  const regular =
    schedule === undefined || schedule === '' ? byFrequency(object, timing) : bySchedule(schedule, object, timing);
  if (regular !== undefined) times.push(regular);
  return times.length === 0 ? undefined : new Date(Math.min(...times.map((time) => time.getTime())));
}

function lastSync(object: Repository, timing: Timing): Date {
  const last = object.status?.lastFullSyncTime;
  return last === undefined ? timing.now : new Date(last);
}

function byFrequency(object: Repository, timing: Timing): Date | undefined {
  if (timing.frequencyMs <= 0) return undefined;
  const spread = timing.frequencyMs * (1 + jitter * (timing.random() * 2 - 1));
  return new Date(Math.max(lastSync(object, timing).getTime() + spread, timing.now.getTime()));
}

function bySchedule(schedule: string, object: Repository, timing: Timing): Date | undefined {
  try {
    const due = parseCronSchedule(schedule).next(lastSync(object, timing));
    return due === undefined ? undefined : new Date(Math.max(due.getTime(), timing.now.getTime()));
  } catch (error) {
    if (error instanceof CronScheduleError) return byFrequency(object, timing);
    throw error;
  }
}

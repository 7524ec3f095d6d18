import { CronScheduleError, parseCronSchedule } from '../resources/cron-schedule.ts';
import type { Repository } from '../resources/repository.ts';

/** What the next synchronisation depends on besides the Repository. */
export interface Timing {
  readonly now: Date;
  /** When it was tried last, and failed: what a schedule had asked for by then is done. */
  readonly triedAt?: Date;
  /** Milliseconds between synchronisations where the Repository has no schedule. */
  readonly frequencyMs: number;
  /** A number between 0 and 1. */
  readonly random: () => number;
}

/** How far a synchronisation without a schedule may move, as a part of the frequency. */
const jitter = 0.1;

/** When a repository is to be synchronised next: at its `runOnceAt`, or when it is due regularly, whichever comes first. */
export function nextSync(object: Repository, timing: Timing): Date | undefined {
  const times = [wishedSync(object), regularSync(object, timing)].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : new Date(Math.min(...times.map((time) => time.getTime())));
}

/** The time of `runOnceAt`. */
export function wishedSync(object: Repository): Date | undefined {
  const { runOnceAt } = object.spec.sync ?? {};
  return runOnceAt === undefined ? undefined : new Date(runOnceAt);
}

/** The Repository without the `runOnceAt` that has been acted on; as it is when that is another one by now, or none. */
export function withoutRunOnceAt(object: Repository, actedOn: string | undefined): Repository {
  const { runOnceAt, ...sync } = object.spec.sync ?? {};
  if (runOnceAt === undefined || runOnceAt !== actedOn) return object;
  const { sync: _, ...spec } = object.spec;
  return {
    ...object,
    spec: Object.keys(sync).length === 0 ? spec : { ...spec, sync },
    status: { ...object.status, observedRunOnceAt: runOnceAt },
  };
}

/**
 * When a repository is due by its schedule, or a while after the last time where it has none; now where that has passed. A frequency of
 * 0 leaves out the latter.
 */
export function regularSync(object: Repository, timing: Timing): Date | undefined {
  const { schedule = '' } = object.spec.sync ?? {};
  return schedule === '' ? byFrequency(object, timing) : bySchedule(schedule, object, timing);
}

/** One that never was synchronised has been due for ever. A time that is yet to come is of a clock that was ahead. */
function lastSync(object: Repository, now: Date): Date {
  return new Date(Math.min(new Date(object.status?.lastFullSyncTime ?? 0).getTime(), now.getTime()));
}

function byFrequency(object: Repository, timing: Timing): Date | undefined {
  if (timing.frequencyMs <= 0) return undefined;
  const spread = timing.frequencyMs * (1 + jitter * (timing.random() * 2 - 1));
  return new Date(Math.max(lastSync(object, timing.now).getTime() + spread, timing.now.getTime()));
}

function bySchedule(schedule: string, object: Repository, timing: Timing): Date | undefined {
  try {
    const { now, triedAt = new Date(0) } = timing;
    const since = Math.min(Math.max(lastSync(object, now).getTime(), triedAt.getTime()), now.getTime());
    const due = parseCronSchedule(schedule).next(new Date(since));
    return due === undefined ? undefined : new Date(Math.max(due.getTime(), now.getTime()));
  } catch (error) {
    if (error instanceof CronScheduleError) return byFrequency(object, timing);
    throw error;
  }
}

import { type Time, toTime } from '@porch/apiserver';

/** The time, passed in so that tests can set it. */
export type Clock = () => Date;

/** What timers of Node.js take, in milliseconds; for more they go off at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Now, as objects carry it. */
export function timeOf(clock: Clock): Time {
  return toTime(clock());
}

import { type Time, toTime } from '@porch/apiserver';

/** The time, passed in so that tests can set it. */
export type Clock = () => Date;

/** Now, as objects carry it. */
export function timeOf(clock: Clock): Time {
  return toTime(clock());
}

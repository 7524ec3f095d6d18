import { InvalidArgumentError } from 'commander';
import { longestTimerMs, parseDuration } from '../resources/duration.ts';

/** In milliseconds. */
export const hour = 3_600_000;
const shortestFrequency = 100;

/** Takes durations of so many milliseconds at least, and unless told no more than a timer can wait for. */
export function duration(least: number, example: string, most = longestTimerMs): (text: string) => number {
  return (text) => {
    const milliseconds = parseDuration(text);
    if (milliseconds === undefined) throw new InvalidArgumentError(`Give a duration, for instance ${example}.`);
    if (milliseconds < least) throw new InvalidArgumentError(`The shortest is ${least}ms.`);
    if (milliseconds > most) throw new InvalidArgumentError(`The longest is ${Math.floor(most / hour)}h.`);
    return milliseconds;
  };
}

/** A time between two rounds of something, in milliseconds. */
export const frequency = duration(shortestFrequency, '30s, 5m or 1h');

/** A time to wait, in milliseconds; it may be none. */
export const delay = duration(0, '0s or 5s');

/** Takes whole numbers from `least` on, up to `most` where there is one. */
export function wholeNumber(least: number, most = Number.POSITIVE_INFINITY): (text: string) => number {
  const range = most === Number.POSITIVE_INFINITY ? `, ${least} or more` : ` from ${least} to ${most}`;
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`Give a whole number${range}.`);
    return value;
  };
}

/** Turns the text of an environment variable into a switch. */
export function truth(text: string): boolean {
  if (['true', '1'].includes(text.toLowerCase())) return true;
  if (['false', '0'].includes(text.toLowerCase())) return false;
  throw new InvalidArgumentError('Give true or false.');
}

/** The name of a namespace. */
export function namespace(text: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) {
    throw new InvalidArgumentError('Give the name of a namespace.');
  }
  return text;
}

/** A URL of HTTP or HTTPS. */
export function httpUrl(text: string, example: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError(`Give a URL, for instance ${example}.`);
  }
  return url;
}

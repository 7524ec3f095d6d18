import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../resources/duration.ts';

const shortestFrequency = 100;

/** A time between two rounds of something, in milliseconds. */
export function frequency(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError('Give a duration, for instance 30s, 5m or 1h.');
  if (milliseconds < shortestFrequency) throw new InvalidArgumentError(`The shortest is ${shortestFrequency}ms.`);
  return milliseconds;
}

/** A time to wait, in milliseconds; it may be none. */
export function delay(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError('Give a duration, for instance 0s or 5s.');
  return milliseconds;
}

/** Takes whole numbers from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least)) throw new InvalidArgumentError(`Give a whole number, ${least} or more.`);
    return value;
  };
}

/** Turns the text of an environment variable into a switch. */
export function truth(text: string): boolean {
  if (['true', '1'].includes(text.toLowerCase())) return true;
  if (['false', '0', ''].includes(text.toLowerCase())) return false;
  throw new InvalidArgumentError('Give true or false.');
}

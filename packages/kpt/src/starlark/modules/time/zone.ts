import type { Budget } from '../../limits.ts';

/** A time zone: how far its clocks are ahead of UTC at any moment. */
export interface Zone {
  /** Seconds ahead of UTC at a moment, given in seconds since 1970. */
  offset(epochSeconds: number): number;
  /** What the zone is called at a moment, `EST`. */
  abbreviation(epochSeconds: number): string;
}

/** Coordinated Universal Time. */
export const utc: Zone = { offset: () => 0, abbreviation: () => 'UTC' };

/** A zone without a name that is always the same time ahead of UTC. */
export function fixedZone(seconds: number): Zone {
  return { offset: () => seconds, abbreviation: () => '' };
}

/**
 * The zone of a name, `Europe/Berlin`; undefined where there is none. The computer's own zone counts as UTC.
 *
 * @param budget - bears the cost of the zone's calendar, also later
 */
export function findZone(name: string, budget: Budget): Zone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return utc;
  budget.step(20_000);
  // Intl also takes offsets and names in any case, which are no names of zones here.
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name)) return undefined;
  const clock = formatter(name, {
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  const names = formatter(name, { timeZoneName: 'short' });
  if (clock === undefined || names === undefined) return undefined;
  return {
    offset(epochSeconds) {
      budget.step(400);
      const parts = new Map(clock.formatToParts(epochSeconds * 1000).map(({ type, value }) => [type, value]));
      const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
      const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
      const wall = new Date(0);
      wall.setUTCFullYear(year, part('month') - 1, part('day'));
      wall.setUTCHours(part('hour'), part('minute'), part('second'));
      return Math.round(wall.getTime() / 1000) - Math.floor(epochSeconds);
    },
    abbreviation(epochSeconds) {
      budget.step(400);
      return names.formatToParts(epochSeconds * 1000).find(({ type }) => type === 'timeZoneName')?.value ?? name;
    },
  };
}

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  } catch (error) {
    // This is how Intl says that there is no such zone.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

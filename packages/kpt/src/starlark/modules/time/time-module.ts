import type { Arguments } from '../../builtins/arguments.ts';
import type { Value } from '../../values/value.ts';
import { library } from '../module.ts';
import { Duration, parseDuration, units } from './duration.ts';
import { Moment } from './moment.ts';
import { parseTime } from './parse-time.ts';
import { findZone, fixedZone, utc, type Zone } from './zone.ts';

const second = 1_000_000_000n;

/** `time.star`: moments and durations; `now` in nanoseconds since 1970. */
export function timeModule(now: () => bigint): Readonly<Record<string, Value>> {
  const names = { nanosecond: 'ns', microsecond: 'us', millisecond: 'ms', second: 's', minute: 'm', hour: 'h' };
  const constants = Object.fromEntries(
    Object.entries(names).map(([name, unit]) => [name, new Duration(units[unit] ?? 1n)]),
  );
  return library(
    'time',
    {
      from_timestamp(args) {
        const [sec, nsec] = args.unpack('sec', 'nsec?');
        return new Moment(BigInt(args.int('sec', sec)) * second + BigInt(args.int('nsec', nsec ?? 0)), utc);
      },
      is_valid_timezone: (args) => findZone(args.string('loc', args.unpack('loc')[0]), args.budget) !== undefined,
      now(args) {
        args.unnamed(0, 0);
        return new Moment(now(), utc);
      },
      parse_duration(args) {
        const [d] = args.unpack('d');
        return d instanceof Duration ? d : parseDuration(args.string('d', d));
      },
      parse_time(args) {
        const [x, format, location] = args.unpack('x', 'format?', 'location?');
        const text = args.string('x', x);
        const layout = args.optionalString('format', format, '2006-01-02T15:04:05Z07:00');
        args.budget.step(text.length + layout.length);
        const zone = zoneOf(args, location);
        const parsed = parseTime(text, layout);
        if (parsed === undefined) {
          throw args.error(
            `cannot parse ${JSON.stringify(text.slice(0, 100))} as ${JSON.stringify(layout.slice(0, 100))}`,
          );
        }
        return Moment.at(parsed, parsed.offset === undefined ? zone : offsetZone(parsed.offset));
      },
      time(args) {
        const parts = ['year', 'month', 'day', 'hour', 'minute', 'second', 'nanosecond'] as const;
        const values = args.unpack(...parts.map((part) => `${part}?`), 'location?');
        const part = (index: number, otherwise: number) => args.count(parts[index] ?? '', values[index], otherwise);
        const wall = {
          year: part(0, 0),
          month: part(1, 1),
          day: part(2, 1),
          hour: part(3, 0),
          minute: part(4, 0),
          second: part(5, 0),
          nanosecond: part(6, 0),
        };
        return Moment.at(wall, zoneOf(args, values[7]));
      },
    },
    constants,
  );
}

function zoneOf(args: Arguments, value: Value | undefined): Zone {
  const name = args.optionalString('location', value, 'UTC');
  const zone = findZone(name, args.budget);
  if (zone === undefined) throw args.error(`unknown time zone ${name.slice(0, 100)}`);
  return zone;
}

function offsetZone(seconds: number): Zone {
  return seconds === 0 ? utc : fixedZone(seconds);
}

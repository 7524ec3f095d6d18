import { StarlarkError } from '../../errors.ts';
import { normalize } from '../../operators/integers.ts';
import { Builtin } from '../../values/builtin.ts';
import type { ReprWriter } from '../../values/repr.ts';
import { StarlarkObject, type Value } from '../../values/value.ts';
import { Duration } from './duration.ts';
import { formatTime, type WallTime } from './format-time.ts';
import { findZone, type Zone } from './zone.ts';

const second = 1_000_000_000n;

/** Seconds from 1970 within which calendars are known: the years 0 to 9999. */
const [earliest, latest] = [-62_167_219_200n, 253_402_300_799n];

/** A moment, to the nanosecond, as it is seen from a time zone. */
export class Moment extends StarlarkObject {
  override readonly type = 'time.time';
  /** Nanoseconds since 1970. */
  readonly nanoseconds: bigint;
  readonly zone: Zone;

  /** @throws StarlarkError for a moment outside of the years 0 to 9999 */
  constructor(nanoseconds: bigint, zone: Zone) {
    super();
    const seconds = nanoseconds / second;
    if (seconds < earliest || seconds > latest)
      throw new StarlarkError('time out of range: the year must be 0 to 9999');
    this.nanoseconds = nanoseconds;
    this.zone = zone;
  }

  /** The moment at which the clocks of a zone show a time; parts may be beyond their usual range. */
  static at(
    wall: Pick<WallTime, 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond'>,
    zone: Zone,
  ): Moment {
    const date = new Date(0);
    date.setUTCFullYear(wall.year, wall.month - 1, wall.day);
    date.setUTCHours(wall.hour, wall.minute, wall.second);
    const local = date.getTime() / 1000;
    if (!Number.isFinite(local)) throw new StarlarkError('time out of range: the year must be 0 to 9999');
    // The zone's offset depends on the moment, which depends on the offset.
    const first = local - zone.offset(local);
    const exact = local - zone.offset(first);
    return new Moment(BigInt(exact) * second + BigInt(wall.nanosecond), zone);
  }

  override fileText(): string {
    return formatTime(this.#wall(), '2006-01-02T15:04:05.999999999Z07:00');
  }

  override hashKey(): unknown {
    return `\0m${this.nanoseconds}`;
  }

  override equals(other: StarlarkObject): boolean {
    return other instanceof Moment && other.nanoseconds === this.nanoseconds;
  }

  override order(other: StarlarkObject): number | undefined {
    if (!(other instanceof Moment)) return undefined;
    return this.nanoseconds < other.nanoseconds ? -1 : Number(this.nanoseconds > other.nanoseconds);
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case 'year':
      case 'month':
      case 'day':
      case 'hour':
      case 'minute':
      case 'second':
      case 'nanosecond':
        return this.#wall()[name];
      case 'unix':
        return normalize(BigInt(this.#seconds()));
      case 'unix_nano':
        return normalize(this.nanoseconds);
      case 'format':
        return this.#method(name, (args) => formatTime(this.#wall(), args.string('layout', args.unpack('layout')[0])));
      case 'in_location':
        return this.#method(name, (args) => {
          const location = args.string('location', args.unpack('location')[0]);
          const zone = findZone(location, args.budget);
          if (zone === undefined) throw args.error(`unknown time zone ${location}`);
          return new Moment(this.nanoseconds, zone);
        });
      default:
        return undefined;
    }
  }

  override attributeNames(): readonly string[] {
    return [
      'day',
      'format',
      'hour',
      'in_location',
      'minute',
      'month',
      'nanosecond',
      'second',
      'unix',
      'unix_nano',
      'year',
    ];
  }

  override binary(operator: string, other: Value, isLeft: boolean): Value | undefined {
    if (other instanceof Duration) {
      if (operator === '+') return new Moment(this.nanoseconds + other.nanoseconds, this.zone);
      return operator === '-' && isLeft ? new Moment(this.nanoseconds - other.nanoseconds, this.zone) : undefined;
    }
    const isDifference = operator === '-' && isLeft && other instanceof Moment;
    return isDifference ? new Duration(this.nanoseconds - other.nanoseconds) : undefined;
  }

  override write(writer: ReprWriter): void {
    writer.text(formatTime(this.#wall(), '2006-01-02 15:04:05.999999999 -0700 MST'));
  }

  #method(name: string, body: ConstructorParameters<typeof Builtin>[1]): Builtin {
    return new Builtin(name, body, this.type);
  }

  #seconds(): number {
    const whole = this.nanoseconds / second;
    return Number(this.nanoseconds % second < 0n ? whole - 1n : whole);
  }

  #wall(): WallTime {
    const seconds = this.#seconds();
    const offset = this.zone.offset(seconds);
    const date = new Date((seconds + offset) * 1000);
    const start = new Date(0);
    start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      nanosecond: Number(this.nanoseconds - BigInt(seconds) * second),
      weekday: date.getUTCDay(),
      yearDay: Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1,
      offset,
      zone: this.zone.abbreviation(seconds),
    };
  }
}

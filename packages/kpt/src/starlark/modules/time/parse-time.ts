import { days, months, splitLayout } from './layout.ts';

/** What a text says of a moment; what it does not say is undefined or at its least. */
export interface ParsedTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Seconds ahead of UTC; undefined where the text does not say. */
  readonly offset: number | undefined;
}

/** What has been read so far. */
interface Reading extends Omit<{ -readonly [K in keyof ParsedTime]: ParsedTime[K] }, 'month' | 'day'> {
  month?: number;
  day?: number;
  /** From 1. */
  yearDay?: number;
  afternoon?: boolean;
}

/** Reads a text that is written in a layout; undefined where it is not. */
export function parseTime(text: string, layout: string): ParsedTime | undefined {
  const time: Reading = { year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0, offset: undefined };
  let rest = text;
  const parts = splitLayout(layout);
  for (const [index, part] of parts.entries()) {
    const length = index % 2 === 0 ? (rest.startsWith(part) ? part.length : undefined) : read(time, part, rest);
    if (length === undefined) return undefined;
    rest = rest.slice(length);
    // Seconds may have a fraction that the layout does not show.
    if ((part === '05' || part === '5') && !/^[.,][09]/.test(parts[index + 2] ?? '')) {
      const fraction = /^[.,]\d+/.exec(rest)?.[0] ?? '';
      if (fraction !== '') readFraction(time, fraction);
      rest = rest.slice(fraction.length);
    }
  }
  if (rest !== '') return undefined;
  if (time.afternoon === true && time.hour < 12) time.hour += 12;
  if (time.afternoon === false && time.hour === 12) time.hour = 0;
  const { month = 1, day = 1 } = time.yearDay === undefined ? time : (dateOf(time, time.yearDay) ?? { month: 0 });
  const inRange = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(time.year, month);
  return inRange && time.hour < 24 && time.minute < 60 && time.second < 60 ? { ...time, month, day } : undefined;
}

/** The date of a day of a year; undefined where the year has no such day, or month or day are known to be others. */
function dateOf({ year, month, day }: Reading, yearDay: number): { month: number; day: number } | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, 0, yearDay);
  const found = { month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  const fits = (month ?? found.month) === found.month && (day ?? found.day) === found.day;
  return fits && date.getUTCFullYear() === year ? found : undefined;
}

const numbers: Readonly<
  Record<string, readonly [field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', pattern: RegExp]>
> = {
  '2006': ['year', /^\d{4}/],
  '06': ['year', /^\d{2}/],
  '01': ['month', /^\d{2}/],
  '1': ['month', /^\d{1,2}/],
  '02': ['day', /^\d{2}/],
  _2: ['day', /^ ?\d{1,2}/],
  '2': ['day', /^\d{1,2}/],
  '15': ['hour', /^\d{2}/],
  '03': ['hour', /^\d{2}/],
  '3': ['hour', /^\d{1,2}/],
  '04': ['minute', /^\d{2}/],
  '4': ['minute', /^\d{1,2}/],
  '05': ['second', /^\d{2}/],
  '5': ['second', /^\d{1,2}/],
};

/** Reads one element. @returns how much of the text it took; undefined where the text does not fit */
function read(time: Reading, element: string, text: string): number | undefined {
  const known = numbers[element];
  if (known !== undefined) {
    const [field, pattern] = known;
    const digits = pattern.exec(text)?.[0];
    if (digits === undefined) return undefined;
    const value = Number(digits);
    time[field] = element === '06' ? value + (value >= 69 ? 1900 : 2000) : value;
    return digits.length;
  }
  switch (element) {
    case 'January':
    case 'Jan':
      return readName(text, months, element === 'Jan', (index) => {
        time.month = index + 1;
      });
    case 'Monday':
    case 'Mon':
      return readName(text, days, element === 'Mon', () => {});
    case '002':
    case '__2': {
      const digits = (element === '002' ? /^\d{3}/ : /^ {0,2}\d{1,3}/).exec(text)?.[0];
      if (digits !== undefined) time.yearDay = Number(digits);
      return digits?.length;
    }
    case 'PM':
    case 'pm': {
      const half = /^[ap]m/i.exec(text)?.[0];
      if (half === undefined) return undefined;
      time.afternoon = half.toLowerCase() === 'pm';
      return 2;
    }
    case 'MST': {
      const name = /^[A-Z]{3,5}/.exec(text)?.[0];
      if (name === 'UTC' || name === 'GMT') time.offset = 0;
      return name?.length;
    }
    default:
      return /^[.,]/.test(element) ? readElementFraction(time, element, text) : readOffset(time, element, text);
  }
}

function readName(
  text: string,
  names: readonly string[],
  short: boolean,
  found: (index: number) => void,
): number | undefined {
  const candidates = names.map((name) => (short ? name.slice(0, 3) : name).toLowerCase());
  const lower = text.slice(0, 12).toLowerCase();
  const index = candidates.findIndex((name) => lower.startsWith(name));
  if (index < 0) return undefined;
  found(index);
  return candidates[index]?.length;
}

function readElementFraction(time: Reading, element: string, text: string): number | undefined {
  const fraction = /^[.,]\d+/.exec(text)?.[0] ?? '';
  if (element[1] === '0' && fraction.length !== element.length) return undefined;
  if (fraction !== '') readFraction(time, fraction);
  return fraction.length;
}

function readFraction(time: Reading, fraction: string): void {
  time.nanosecond = Number(fraction.slice(1, 10).padEnd(9, '0'));
}

function readOffset(time: Reading, element: string, text: string): number | undefined {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    time.offset = 0;
    return 1;
  }
  const pattern = element.includes(':')
    ? /^([+-])(\d\d):(\d\d)/
    : element.length === 3
      ? /^([+-])(\d\d)()/
      : /^([+-])(\d\d)(\d\d)/;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [whole, sign, hours, minutes] = match;
  time.offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
  return whole.length;
}

function daysIn(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

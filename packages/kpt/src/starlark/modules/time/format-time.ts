import { days, months, splitLayout } from './layout.ts';

/** A moment as clocks and calendars of a place show it. */
export interface WallTime {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  /** Seconds ahead of UTC. */
  readonly offset: number;
  readonly zone: string;
}

/** A moment in a layout. */
export function formatTime(time: WallTime, layout: string): string {
  return splitLayout(layout)
    .map((part, index) => (index % 2 === 0 ? part : formatElement(time, part)))
    .join('');
}

function formatElement(time: WallTime, element: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const twelve = time.hour % 12 || 12;
  switch (element) {
    case '2006':
      return String(time.year).padStart(4, '0');
    case '06':
      return two(time.year % 100);
    case 'January':
      return months[time.month - 1] ?? '';
    case 'Jan':
      return (months[time.month - 1] ?? '').slice(0, 3);
    case '01':
      return two(time.month);
    case '1':
      return String(time.month);
    case 'Monday':
      return days[time.weekday] ?? '';
    case 'Mon':
      return (days[time.weekday] ?? '').slice(0, 3);
    case '02':
      return two(time.day);
    case '_2':
      return String(time.day).padStart(2, ' ');
    case '2':
      return String(time.day);
    case '002':
      return String(time.yearDay).padStart(3, '0');
    case '__2':
      return String(time.yearDay).padStart(3, ' ');
    case '15':
      return two(time.hour);
    case '03':
      return two(twelve);
    case '3':
      return String(twelve);
    case '04':
      return two(time.minute);
    case '4':
      return String(time.minute);
    case '05':
      return two(time.second);
    case '5':
      return String(time.second);
    case 'PM':
      return time.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return time.hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return time.zone === '' ? offsetText(time.offset, '') : time.zone;
    default:
      return element.startsWith('.') || element.startsWith(',')
        ? fraction(time.nanosecond, element)
        : zoneElement(time.offset, element);
  }
}

/** Zeros keep their number of digits; nines leave out zeros at the end. */
function fraction(nanosecond: number, element: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, element.length - 1);
  if (element[1] === '0') return element.charAt(0) + digits.padEnd(element.length - 1, '0');
  const kept = digits.replace(/0+$/, '');
  return kept === '' ? '' : element.charAt(0) + kept;
}

function zoneElement(offset: number, element: string): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const text = offsetText(offset, element.includes(':') ? ':' : '');
  return element.length === 3 ? text.slice(0, 3) : text;
}

function offsetText(offset: number, separator: string): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

import { toTime } from '../meta/object.ts';
import type { Decoding } from './decoding.ts';
import type { JsonSchema, JsonType } from './json-schema.ts';

const rfc3339 =
  /^(?<date>\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.(?<fraction>\d{1,9}))?(?:Z|[+-]\d{2}:\d{2})$/;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function decodeTime(text: string, microseconds: boolean, decoding: Decoding): string {
  const { date: day = '', fraction = '' } = rfc3339.exec(text)?.groups ?? {};
  const millis = isDay(day) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(millis))
    decoding.fail('found a string that is no time, want one such as 2026-01-02T03:04:05Z (RFC 3339)');
  const date = new Date(millis);
  if (date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) decoding.fail('the time is out of range');
  const time = toTime(date);
  return microseconds ? `${time.slice(0, -1)}.${fraction.padEnd(6, '0').slice(0, 6)}Z` : time;
}

function decodeBytes(text: string, decoding: Decoding): string {
  const packed = text.replace(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !base64.test(packed)) decoding.fail('found a string that is not base64');
  return packed;
}

/** Turns a string into the form it is kept in: times in UTC and whole seconds or microseconds, bytes without line breaks. */
export function decodeString(value: string, schema: JsonSchema, decoding: Decoding): string {
  if (!value.isWellFormed()) decoding.fail('the string is not valid Unicode: it has a lone surrogate');
  switch (schema.format) {
    case 'date-time':
      return decodeTime(value, schema.microseconds === true, decoding);
    case 'byte':
      return decodeBytes(value, decoding);
    default:
      return value;
  }
}

/** Checks that a number fits where it goes: whole numbers that JavaScript holds exactly, 32 bits for `int32`. */
export function decodeNumber(
  value: number,
  types: readonly JsonType[],
  schema: JsonSchema,
  decoding: Decoding,
): number {
  if (!Number.isFinite(value)) decoding.fail('the number is out of range');
  if (types.includes('number')) return value;
  const bound = schema.format === 'int32' ? 2 ** 31 : Number.MAX_SAFE_INTEGER;
  if (!Number.isInteger(value)) decoding.fail('found a fraction, want a whole number');
  if (value > (schema.format === 'int32' ? bound - 1 : bound) || value < -bound) {
    decoding.fail('the number is out of range');
  }
  return value === 0 ? 0 : value;
}

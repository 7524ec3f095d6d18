import { statusErrors } from '../meta/status.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Longest text that is read, in characters; no duration needs as many. */
const longest = 100;

/**
 * Milliseconds of a duration as Go writes it: `32s`, `1m30s`, `250ms`.
 * @throws StatusError 400
 */
export function parseGoDuration(text: string): number {
  if (text === '0') return 0;
  const parts = text.length > longest ? [] : [...text.matchAll(/([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)/gy)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw statusErrors.badRequest(
      `invalid timeout specified in the request URL: invalid duration ${JSON.stringify(text)}`,
    );
  }
  return parts.reduce((sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (units[unit] ?? 0), 0);
}

import { statusErrors } from '../meta/status.ts';

/** Longest text that is read, in characters; beyond it a number takes long to make, and is out of range. */
const longest = 100;
const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/**
 * A whole number of at most 64 bits from the query; undefined when absent. Those that are too large for a JavaScript number are as good
 * as the largest or the smallest one.
 * @throws StatusError 400 with the message Go's parser gives
 */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const quoted = JSON.stringify(text);
  if (!/^[+-]?[0-9]+$/.test(text)) throw statusErrors.badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  const value = text.length > longest ? undefined : BigInt(text.replace('+', ''));
  if (value === undefined || value < int64.least || value > int64.most) {
    throw statusErrors.badRequest(`strconv.ParseInt: parsing ${quoted}: value out of range`);
  }
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}

/**
 * A resourceVersion: undefined when absent or empty.
 * @throws StatusError 400
 */
export function parseResourceVersion(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value)) {
    throw statusErrors.badRequest(
      `invalid resource version: ${JSON.stringify(text)} is not a number that this server hands out`,
    );
  }
  return value;
}

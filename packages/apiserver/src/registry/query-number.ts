import { statusErrors } from '../meta/status.ts';

/**
 * A whole number from the query; undefined when absent or empty.
 * @throws StatusError 400 with the message Go's parser gives
 */
export function queryInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const quoted = JSON.stringify(text);
  if (!/^[+-]?[0-9]+$/.test(text)) throw statusErrors.badRequest(`strconv.ParseInt: parsing ${quoted}: invalid syntax`);
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw statusErrors.badRequest(`strconv.ParseInt: parsing ${quoted}: value out of range`);
  return value;
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

import { isDeepStrictEqual } from 'node:util';

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON merge patch (RFC 7386) that makes one value of another; undefined when they are the same. */
export function mergePatchOf(before: unknown, after: unknown): unknown {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (!isFields(before) || !isFields(after)) return after;
  const patch: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (after[key] === undefined) patch[key] = null;
    else {
      const change = mergePatchOf(before[key], after[key]);
      if (change !== undefined) patch[key] = change;
    }
  }
  return patch;
}

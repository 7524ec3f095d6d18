import { type Decoding, maxDepth } from './decoding.ts';

/** Property names that would reach the prototype of whatever they are assigned to. */
export function refuseUnsafeKey(key: string, decoding: Decoding): void {
  if (key === '__proto__') decoding.fail('the name "__proto__" cannot be used');
}

/** Copies a value that no schema describes. */
export function copyFreeValue(value: unknown, decoding: Decoding): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) decoding.fail('the number is out of range');
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  if (decoding.path.length > maxDepth) decoding.fail(`the object is nested more than ${maxDepth} levels deep`);
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      decoding.path.push(index);
      const copy = copyFreeValue(item, decoding);
      decoding.path.pop();
      return copy;
    });
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    decoding.path.push(key);
    refuseUnsafeKey(key, decoding);
    copy[key] = copyFreeValue((value as Record<string, unknown>)[key], decoding);
    decoding.path.pop();
  }
  return copy;
}

import { type Decoding, maxDepth } from './decoding.ts';

/** Refuses names that no object can keep: what reaches a prototype when it is assigned, and what is no Unicode. */
export function checkKey(key: string, decoding: Decoding): void {
  if (!key.isWellFormed()) decoding.fail('the name is not valid Unicode: it has a lone surrogate');
  if (key === '__proto__') decoding.fail('the name "__proto__" cannot be used');
}

/** Copies a value that no schema describes. */
export function copyFreeValue(value: unknown, decoding: Decoding): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) decoding.fail('the number is out of range');
  if (typeof value === 'string' && !value.isWellFormed()) {
    decoding.fail('the string is not valid Unicode: it has a lone surrogate');
  }
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
    checkKey(key, decoding);
    copy[key] = copyFreeValue((value as Record<string, unknown>)[key], decoding);
    decoding.path.pop();
  }
  return copy;
}

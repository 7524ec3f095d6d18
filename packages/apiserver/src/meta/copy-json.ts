import { setMember } from './json-object.ts';

/** Copies a JSON value: its arrays and objects are new, its strings are shared, which `structuredClone` would copy byte by byte. */
export function copyJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const from = value as Record<string, unknown>;
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(from)) setMember(copied, key, copy(from[key]));
  return copied;
}

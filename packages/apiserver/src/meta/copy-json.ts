/** Copies a JSON value: its arrays and objects are new, its strings are shared, which `structuredClone` would copy byte by byte. */
export function copyJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const copied: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copied)) {
    const member = copied[key];
    if (typeof member === 'object') copied[key] = copy(member);
  }
  return copied;
}

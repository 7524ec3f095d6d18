/**
 * Takes lists and maps of nothing out of an object: as Kubernetes keeps most fields, they are the same as none, so that writing them
 * is no change.
 */
export function dropEmpty<T extends object>(object: T, fields: readonly (keyof T)[]): void {
  for (const field of fields) if (isEmpty(object[field])) delete object[field];
}

/** Whether a value is a list or a map of nothing. */
export function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

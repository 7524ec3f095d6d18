/**
 * Takes lists and maps of nothing out of an object: as Kubernetes keeps most fields, they are the same as none, so that writing them
 * is no change.
 */
export function dropEmpty<T extends object>(object: T, fields: readonly (keyof T)[]): void {
  for (const field of fields) {
    const value = object[field];
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) delete object[field];
  }
}

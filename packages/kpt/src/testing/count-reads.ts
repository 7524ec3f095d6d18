/** Counts from now on how often a field of some objects is read: a measure of work that does not depend on the machine. */
export function countReads<T extends object, F extends keyof T>(objects: readonly T[], field: F): () => number {
  let count = 0;
  for (const object of objects) {
    let value = object[field];
    Object.defineProperty(object, field, {
      configurable: true,
      enumerable: true,
      get: () => {
        count += 1;
        return value;
      },
      set: (changed: T[F]) => {
        value = changed;
      },
    });
  }
  return () => count;
}

/**
 * The two functions of the `Reflect` metadata proposal that `@peculiar/x509` cannot be loaded without. Its dependency
 * injection only asks whether they exist and remembers a few entries; nothing here depends on their values.
 */
interface MetadataFunctions {
  getMetadata?(key: unknown, target: object): unknown;
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** Installs the functions where no other polyfill has. Call it before `@peculiar/x509` is imported. */
export function installReflectMetadata(): void {
  const reflect = Reflect as MetadataFunctions;
  if (reflect.getMetadata !== undefined) return;
  const entries = new WeakMap<object, Map<unknown, unknown>>();
  reflect.getOwnMetadata = (key, target) => entries.get(target)?.get(key);
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
      const own = entries.get(at);
      if (own?.has(key)) return own.get(key);
    }
    return undefined;
  };
  reflect.defineMetadata = (key, value, target) => {
    const own = entries.get(target) ?? new Map<unknown, unknown>();
    entries.set(target, own.set(key, value));
  };
}

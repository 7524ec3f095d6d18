import type { KubernetesObject, ServedObject } from '@porch/apiserver';

/**
 * Decodes current objects of one resource, each version once: for objects that are read again and again, and all of them at once. Nobody may
 * change what it gives. Earlier versions are not kept, as they would be for as long as the log has them.
 */
export class DecodedOnce<T extends KubernetesObject> {
  readonly #known = new Map<string, { readonly served: ServedObject; readonly value: T }>();

  /** A current object. */
  of(served: ServedObject): T {
    const name = `${served.key.namespace}/${served.key.name}`;
    const known = this.#known.get(name);
    if (known?.served === served) return known.value;
    const value = served.decode<T>();
    this.#known.set(name, { served, value });
    return value;
  }

  /** All current objects; what is known of others is forgotten. */
  all(items: readonly ServedObject[]): T[] {
    const values = items.map((served) => this.of(served));
    if (this.#known.size > items.length) {
      const current = new Set(items);
      for (const [name, { served }] of this.#known) if (!current.has(served)) this.#known.delete(name);
    }
    return values;
  }
}

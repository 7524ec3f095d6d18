import type { ServedObject } from './served-object.ts';

/** Where an object stands in a list. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** The order of lists: namespace, then name. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

/** Index of the first object at or after a place (`after`: strictly after it) in a sorted array. */
export function indexFrom(objects: readonly ServedObject[], place: Place, after = false): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const object = objects[middle];
    const order = object === undefined ? 1 : comparePlaces(object.key, place);
    if (order > 0 || (order === 0 && !after)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The range of a namespace in a sorted array: everything for undefined. */
export function namespaceRange(objects: readonly ServedObject[], namespace: string | undefined): [number, number] {
  if (namespace === undefined) return [0, objects.length];
  const start = indexFrom(objects, { namespace, name: '' });
  // No namespace sorts between "n" and "n\0".
  return [start, indexFrom(objects, { namespace: `${namespace}\0`, name: '' })];
}

/** The current objects of one resource in the order of lists. */
export class SortedObjects {
  readonly #objects: ServedObject[];
  /** The same by namespace and name: most questions are for one object, and comparing long names takes its time. */
  readonly #named = new Map<string, Map<string, ServedObject>>();

  /** Sorts and keeps the array it is given. */
  constructor(objects: ServedObject[] = []) {
    this.#objects = objects.sort((a, b) => comparePlaces(a.key, b.key));
    for (const object of objects) this.#name(object);
  }

  /** The live array: to be read at once, not kept. */
  get all(): readonly ServedObject[] {
    return this.#objects;
  }

  get({ namespace, name }: Place): ServedObject | undefined {
    return this.#named.get(namespace)?.get(name);
  }

  set(object: ServedObject): void {
    const replaced = this.get(object.key) !== undefined;
    this.#name(object);
    const at = indexFrom(this.#objects, object.key);
    if (replaced) this.#objects[at] = object;
    else this.#objects.splice(at, 0, object);
  }

  delete(place: Place): void {
    const inNamespace = this.#named.get(place.namespace);
    if (inNamespace?.delete(place.name) !== true) return;
    if (inNamespace.size === 0) this.#named.delete(place.namespace);
    this.#objects.splice(indexFrom(this.#objects, place), 1);
  }

  /** Objects of a namespace whose names begin with a prefix. */
  prefix(namespace: string, namePrefix: string): ServedObject[] {
    const found: ServedObject[] = [];
    for (let at = indexFrom(this.#objects, { namespace, name: namePrefix }); ; at++) {
      const object = this.#objects[at];
      if (object?.key.namespace !== namespace || !object.key.name.startsWith(namePrefix)) return found;
      found.push(object);
    }
  }

  #name(object: ServedObject): void {
    const { namespace, name } = object.key;
    const inNamespace = this.#named.get(namespace);
    if (inNamespace === undefined) this.#named.set(namespace, new Map([[name, object]]));
    else inNamespace.set(name, object);
  }
}

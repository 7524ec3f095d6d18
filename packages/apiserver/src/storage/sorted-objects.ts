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

/** Index of the first object at or after a place (`after`: strictly after it) in a sorted array, between `low` and `high` of it. */
export function indexFrom(
  objects: readonly ServedObject[],
  place: Place,
  after = false,
  low = 0,
  high = objects.length,
): number {
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

/** Up to so many objects are put into the order, or taken out of it, one by one; more at once. */
const fewAtOnce = 8;

/**
 * The current objects of one resource in the order of lists. New ones are put in their places, and deleted ones taken out, when somebody next
 * asks for the order: moving all that follow for each of thousands would take longer than everything else that is done with them.
 */
export class SortedObjects {
  readonly #objects: ServedObject[];
  /** The same by namespace and name: most questions are for one object, and comparing long names takes its time. */
  readonly #named = new Map<string, Map<string, ServedObject>>();
  /** Those that are not in their places yet, by namespace and name. */
  readonly #added = new Map<string, ServedObject>();
  /** Places in the order of those that are deleted; a new object of the same name is among those that are added. */
  #deleted: Place[] = [];

  /** Sorts and keeps the array it is given. */
  constructor(objects: ServedObject[] = []) {
    this.#objects = objects.sort((a, b) => comparePlaces(a.key, b.key));
    for (const object of objects) this.#name(object);
  }

  /** The live array: to be read at once, not kept. */
  get all(): readonly ServedObject[] {
    this.#putInOrder();
    return this.#objects;
  }

  /** How many there are. */
  get size(): number {
    return this.#objects.length - this.#deleted.length + this.#added.size;
  }

  get({ namespace, name }: Place): ServedObject | undefined {
    return this.#named.get(namespace)?.get(name);
  }

  set(object: ServedObject): void {
    const { key } = object;
    const replaced = this.get(key) !== undefined;
    this.#name(object);
    if (!replaced || (this.#added.size > 0 && this.#added.has(placeText(key)))) this.#added.set(placeText(key), object);
    else this.#objects[indexFrom(this.#objects, key)] = object;
  }

  delete(place: Place): void {
    const inNamespace = this.#named.get(place.namespace);
    if (inNamespace?.delete(place.name) !== true) return;
    if (inNamespace.size === 0) this.#named.delete(place.namespace);
    if (this.#added.delete(placeText(place))) return;
    this.#deleted.push(place);
    // Where nobody asks for the order, what is gone would be kept for ever.
    if (this.#deleted.length * 2 > this.#objects.length) this.#takeOut();
  }

  /** Objects of a namespace whose names begin with a prefix. */
  prefix(namespace: string, namePrefix: string): ServedObject[] {
    this.#putInOrder();
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

  #takeOut(): void {
    const deleted = this.#deleted;
    this.#deleted = [];
    if (deleted.length > fewAtOnce) {
      const places = deleted.map((place) => indexFrom(this.#objects, place));
      removeAt(
        this.#objects,
        places.sort((a, b) => a - b),
      );
    } else for (const place of deleted) this.#objects.splice(indexFrom(this.#objects, place), 1);
  }

  #putInOrder(): void {
    if (this.#deleted.length > 0) this.#takeOut();
    if (this.#added.size === 0) return;
    const added = [...this.#added.values()];
    this.#added.clear();
    if (added.length <= fewAtOnce) {
      for (const object of added) this.#objects.splice(indexFrom(this.#objects, object.key), 0, object);
    } else
      merge(
        this.#objects,
        added.sort((a, b) => comparePlaces(a.key, b.key)),
      );
  }
}

/** Removes what stands at certain places, in ascending order, at once. */
function removeAt(objects: ServedObject[], places: readonly number[]): void {
  let [to = objects.length] = places;
  for (const [index, place] of places.entries()) {
    const end = places[index + 1] ?? objects.length;
    for (let from = place + 1; from < end; from++) {
      const object = objects[from];
      if (object !== undefined) objects[to++] = object;
    }
  }
  objects.length = to;
}

/**
 * Merges sorted objects into sorted ones, from the end: what stands before all that are added is not touched, and what is moved is mostly not
 * compared.
 */
function merge(objects: ServedObject[], added: readonly ServedObject[]): void {
  let end = objects.length;
  for (const object of added) objects.push(object);
  for (const [index, next] of [...added.entries()].reverse()) {
    const place = lastIndexFrom(objects, next.key, end);
    for (let from = end - 1; from >= place; from--) {
      const object = objects[from];
      if (object !== undefined) objects[from + index + 1] = object;
    }
    objects[place + index] = next;
    end = place;
  }
}

/** Index of the first of so many sorted objects that stands at or after a place; looked for from the end, in longer and longer steps. */
function lastIndexFrom(objects: readonly ServedObject[], place: Place, length: number): number {
  let high = length;
  for (let step = 1; ; step *= 2) {
    const low = Math.max(0, high - step);
    const object = objects[low];
    if (high === 0 || object === undefined) return 0;
    if (comparePlaces(object.key, place) < 0) return indexFrom(objects, place, false, low + 1, high);
    high = low;
  }
}

/** A place as one text: a namespace has no slash in it. */
export function placeText({ namespace, name }: Place): string {
  return `${namespace}/${name}`;
}

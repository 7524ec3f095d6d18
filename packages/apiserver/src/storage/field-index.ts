import type { FieldSelector } from '../meta/selector.ts';
import type { ServedEvent, ServedObject } from './served-object.ts';
import { comparePlaces, type SortedObjects } from './sorted-objects.ts';

/** Resources with fewer objects are searched without an index. */
const fewObjects = 256;
/** Fields of one resource that have an index; selectors may name any number, such as one for each label. */
const mostFields = 8;
/** A value that more than one in so many objects have is not looked up: reading all in order is no slower. */
const selectivity = 8;

/** Finds the objects of one resource by the values of fields. An index is made when a field is first asked for, and kept up to date from then on. */
export class FieldIndexes {
  readonly #objects: SortedObjects;
  readonly #byField = new Map<string, Map<string, Set<ServedObject>>>();

  constructor(objects: SortedObjects) {
    this.#objects = objects;
  }

  /** Takes over a change that the objects have already. */
  apply({ type, object, previous }: ServedEvent): void {
    try {
      for (const [field, byValue] of this.#byField) {
        if (previous !== undefined) remove(byValue, field, previous);
        if (type !== 'DELETED') add(byValue, field, object);
      }
    } catch {
      // Fields that cannot be read are told to whoever asks for them, not to whoever has written the object.
      this.#byField.clear();
    }
  }

  /** Objects in order of lists, among them all that a selector chooses: few of them where that is possible, otherwise all there are. */
  candidates(selector: FieldSelector | undefined): readonly ServedObject[] {
    if (selector === undefined || this.#objects.size < fewObjects) return this.#objects.all;
    let least: ReadonlySet<ServedObject> | undefined;
    for (const { field, operator, value } of selector.requirements) {
      // An object without the field is chosen by an empty value, and keys have an order of their own.
      if (operator !== '=' || value === '' || field.startsWith('metadata.')) continue;
      const byValue = this.#indexOf(field);
      if (byValue === undefined) continue;
      const found = byValue.get(value);
      if (found === undefined) return [];
      if (least === undefined || found.size < least.size) least = found;
    }
    if (least === undefined || least.size * selectivity > this.#objects.size) return this.#objects.all;
    return [...least].sort((a, b) => comparePlaces(a.key, b.key));
  }

  #indexOf(field: string): Map<string, Set<ServedObject>> | undefined {
    const known = this.#byField.get(field);
    if (known !== undefined || this.#byField.size >= mostFields) return known;
    const byValue = new Map<string, Set<ServedObject>>();
    for (const object of this.#objects.all) add(byValue, field, object);
    this.#byField.set(field, byValue);
    return byValue;
  }
}

function valueOf({ fields }: ServedObject, field: string): string {
  return Object.hasOwn(fields, field) ? (fields[field] ?? '') : '';
}

function add(byValue: Map<string, Set<ServedObject>>, field: string, object: ServedObject): void {
  const value = valueOf(object, field);
  const same = byValue.get(value);
  if (same === undefined) byValue.set(value, new Set([object]));
  else same.add(object);
}

function remove(byValue: Map<string, Set<ServedObject>>, field: string, object: ServedObject): void {
  const value = valueOf(object, field);
  const same = byValue.get(value);
  if (same?.delete(object) === true && same.size === 0) byValue.delete(value);
}

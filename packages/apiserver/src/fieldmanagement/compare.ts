import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { byElement, storedItems } from './list-items.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { isHollow, type JsonObject, member, type Shape, sameValue, shapeOf } from './shape.ts';
import { itemOf, type KeyedListStructure, type MapStructure, type SetStructure, type Structure } from './structure.ts';

/** How a new state of an object differs from the old one. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two states of an object. What is there on one side only counts with everything below it. */
export function compare(old: JsonObject, next: JsonObject, structure: MapStructure): Comparison {
  const walk = new ComparisonWalk();
  walk.maps(old, next, structure);
  return walk.result();
}

const leaf: Structure = { type: 'leaf' };

class ComparisonWalk {
  readonly #added = new FieldSetBuilder();
  readonly #modified = new FieldSetBuilder();
  readonly #removed = new FieldSetBuilder();
  readonly #path: PathElement[] = [];

  result(): Comparison {
    return { added: this.#added.build(), modified: this.#modified.build(), removed: this.#removed.build() };
  }

  maps(old: JsonObject, next: JsonObject, structure: MapStructure): void {
    for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
      this.#at(fieldElement(name), member(old, name), member(next, name), structure.field(name));
    }
  }

  #at(element: PathElement, old: unknown, next: unknown, structure: Structure): void {
    if (old === next) return;
    this.#path.push(element);
    this.#compare(old, next, structure);
    if (old === undefined) this.#added.add(this.#path);
    else if (next === undefined) this.#removed.add(this.#path);
    this.#path.pop();
  }

  #compare(old: unknown, next: unknown, structure: Structure): void {
    const oldShape = shapeOf(structure, old);
    const nextShape = shapeOf(structure, next);
    const shape = old === undefined || old === null ? nextShape : oldShape;
    const fits = next === undefined || next === null || nextShape === shape;
    if (!fits || shape.type === 'leaf' || (isHollow(old) && isHollow(next))) {
      if (old !== undefined && next !== undefined && !sameValue(old, next)) this.#modified.add(this.#path);
      if (!fits) {
        this.#contents(old, undefined, oldShape);
        this.#contents(undefined, next, nextShape);
      }
      return;
    }
    if ((old === null && next !== undefined) || (next === null && old !== undefined)) this.#modified.add(this.#path);
    this.#contents(old, next, shape);
  }

  #contents(old: unknown, next: unknown, shape: Shape): void {
    if (shape.type === 'map') this.maps((old ?? {}) as JsonObject, (next ?? {}) as JsonObject, shape);
    else if (shape.type !== 'leaf') this.#lists((old ?? []) as unknown[], (next ?? []) as unknown[], shape);
  }

  #lists(old: unknown[], next: unknown[], structure: SetStructure | KeyedListStructure): void {
    const before = byElement(storedItems(old, structure));
    const after = byElement(storedItems(next, structure));
    const item = itemOf(structure);
    for (const element of new Set([...before.keys(), ...after.keys()])) {
      const [olds, nexts] = [before.get(element), after.get(element)];
      const repeated = (olds?.length ?? 1) > 1 || (nexts?.length ?? 1) > 1;
      if (repeated) this.#at(element, olds, nexts, leaf);
      else this.#at(element, olds?.[0], nexts?.[0], item);
    }
  }
}

import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import { appliedItems } from './list-items.ts';
import { fieldElement, type PathElement } from './path-element.ts';
import { isHollow, type JsonObject, shapeOf } from './shape.ts';
import { itemOf, type MapStructure, type Structure } from './structure.ts';

/** What a configuration says. */
export interface AppliedParts {
  /** Its scalars, whatever is one thing, items of lists, keys of maps, and empty maps. */
  readonly fields: FieldSet;
  /**
   * The lists that are empty although their items are owned one by one. Nobody owns such a list, but whoever says it wants it to be
   * there.
   */
  readonly emptyLists: FieldSet;
}

/**
 * Finds out what a configuration sets.
 * @throws StructureError for lists whose items cannot be told apart
 */
export function appliedParts(config: JsonObject, structure: MapStructure): AppliedParts {
  const collector = new Collector();
  collector.map(config, structure);
  return { fields: collector.fields.build(), emptyLists: collector.emptyLists.build() };
}

/**
 * The fields that a configuration sets.
 * @throws StructureError for lists whose items cannot be told apart
 */
export function appliedFields(config: JsonObject, structure: MapStructure): FieldSet {
  return appliedParts(config, structure).fields;
}

class Collector {
  readonly fields = new FieldSetBuilder();
  readonly emptyLists = new FieldSetBuilder();
  readonly #path: PathElement[] = [];

  map(object: JsonObject, structure: MapStructure): void {
    for (const [name, value] of Object.entries(object)) {
      this.#at(fieldElement(name), value, structure.field(name), !structure.declares(name));
    }
  }

  /** `named`: the path counts also where the value is more than one thing. */
  #at(element: PathElement, value: unknown, structure: Structure, named: boolean): void {
    if (value === undefined) return;
    this.#path.push(element);
    const shape = shapeOf(structure, value);
    if (named || shape.type === 'leaf' || (shape.type === 'map' && isHollow(value))) this.fields.add(this.#path);
    if (shape.type === 'map') this.map(value as JsonObject, shape);
    else if (shape.type !== 'leaf') {
      if (isHollow(value)) this.emptyLists.add(this.#path);
      for (const item of appliedItems(value as unknown[], shape, this.#path)) {
        this.#at(item.element, item.value, itemOf(shape), true);
      }
    }
    this.#path.pop();
  }
}

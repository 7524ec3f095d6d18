import { itemElement, type PathElement, printPath } from './path-element.ts';
import type { KeyedListStructure, SetStructure } from './structure.ts';

/** An item of a list whose items are owned one by one. */
export interface ListItem {
  readonly element: PathElement;
  readonly value: unknown;
}

/** A configuration that its kind cannot hold. `path` says where. */
export class StructureError extends Error {
  readonly path: string;

  constructor(path: readonly PathElement[], detail: string) {
    super(`${printPath(path)}: ${detail}`);
    this.name = 'StructureError';
    this.path = printPath(path);
  }
}

/** The items of a list that is stored. One that no longer fits its schema is known by its place. */
export function storedItems(list: readonly unknown[], structure: SetStructure | KeyedListStructure): ListItem[] {
  return list.map((value, index) => {
    const element = itemElement(value, structure);
    return { element: typeof element === 'string' ? element : `i:${index}`, value };
  });
}

/**
 * The items of a list that is to be applied.
 * @throws StructureError for items that cannot be told apart
 */
export function appliedItems(
  list: readonly unknown[],
  structure: SetStructure | KeyedListStructure,
  path: readonly PathElement[],
): ListItem[] {
  const seen = new Set<PathElement>();
  return list.map((value, index) => {
    const item = { element: appliedElement(value, structure, [...path, `i:${index}`]), value };
    if (seen.has(item.element)) throw new StructureError([...path, item.element], 'duplicate entries for key');
    seen.add(item.element);
    return item;
  });
}

function appliedElement(
  value: unknown,
  structure: SetStructure | KeyedListStructure,
  at: readonly PathElement[],
): PathElement {
  const element = itemElement(value, structure);
  if (typeof element !== 'string') throw new StructureError(at, element.reason);
  return element;
}

/** Items by their step; a list that is stored may have several of one. */
export function byElement(items: readonly ListItem[]): Map<PathElement, unknown[]> {
  const found = new Map<PathElement, unknown[]>();
  for (const { element, value } of items) {
    const values = found.get(element);
    if (values === undefined) found.set(element, [value]);
    else values.push(value);
  }
  return found;
}

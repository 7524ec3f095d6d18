import { isMap, isScalar } from 'yaml';
import { findPair, scalarText } from '../yaml/node-edits.ts';

/** What tells the elements of a list apart; undefined for an element that has nothing of the kind. */
export type ElementIdentity = (element: unknown) => string | undefined;

/**
 * How the fields below a place of a document are merged. Lists without an identity are merged as a whole: one side's list or
 * the other's.
 */
export interface MergeShape {
  /** Of a mapping with known fields. */
  readonly fields?: Readonly<Record<string, MergeShape>>;
  /** Of a mapping with arbitrary keys: the shape of each value. */
  readonly values?: MergeShape;
  /** Of a list: how its elements are told apart. */
  readonly identity?: ElementIdentity;
  /** Of a list: the shape of each element. */
  readonly items?: MergeShape;
}

/** The shape below a key of a mapping. */
export function shapeOf(shape: MergeShape | undefined, key: string): MergeShape | undefined {
  if (shape?.fields !== undefined && Object.hasOwn(shape.fields, key)) return shape.fields[key];
  return shape?.values;
}

/**
 * Elements are mappings told apart by these fields together. At least one of them must be there; one that is not counts as its
 * default.
 */
export function byFields(names: readonly string[], defaults: Readonly<Record<string, string>> = {}): ElementIdentity {
  return (element) => {
    if (!isMap(element)) return undefined;
    let found = false;
    const texts = names.map((name) => {
      const value = findPair(element, name)?.value;
      if (!isScalar(value) || value.value === null) return defaults[name] ?? null;
      found = true;
      return scalarText(value);
    });
    return found ? JSON.stringify(texts) : undefined;
  };
}

/** Elements are single values, each at most once: a set. */
export const byValue: ElementIdentity = (element) =>
  isScalar(element) && element.value !== null ? scalarText(element) : undefined;

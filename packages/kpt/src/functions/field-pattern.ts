import { isMap, isSeq } from 'yaml';
import type { KrmObject } from '../yaml/krm-object.ts';
import type { FieldPath } from '../yaml/node-edits.ts';

/** A path whose keys may stand for every element of a list: `spec`, `containers[]`, `image`. */
export type FieldPattern = readonly string[];

/** Splits `spec.template.containers[].image`. */
export function fieldPattern(text: string): FieldPattern {
  return text.split('.');
}

/**
 * The places a pattern stands for in an object. Lists are followed only where they are; other fields need not exist, so
 * that they can be set.
 */
export function expandPattern(object: KrmObject, pattern: FieldPattern): readonly FieldPath[] {
  let paths: FieldPath[] = [[]];
  for (const part of pattern) {
    if (!part.endsWith('[]')) {
      paths = paths.map((path) => [...path, part]);
      continue;
    }
    paths = paths.flatMap((path) => {
      const list = [...path, part.slice(0, -2)];
      const node = object.node(list);
      return isSeq(node) ? node.items.map((_, index) => [...list, index]) : [];
    });
  }
  return paths;
}

/** Whether there is a mapping at the path. */
export function hasMapping(object: KrmObject, path: FieldPath): boolean {
  return isMap(object.node(path));
}

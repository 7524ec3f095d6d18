import { isMap, isScalar, isSeq, type Scalar, type YAMLMap } from 'yaml';
import type { KrmObject } from '../yaml/krm-object.ts';
import { keyText } from '../yaml/node-edits.ts';

/** What to do at the nodes of an object. Paths read `spec.containers[0].image`; the root's is empty. */
export interface FieldVisitor {
  /** Called before the mapping's fields are visited. */
  readonly mapping?: (map: YAMLMap, path: string) => void;
  readonly scalar?: (scalar: Scalar, path: string) => void;
}

/** Visits an object's nodes in the order they stand in the file. What an alias repeats is visited once, at its anchor. */
export function walkFields(object: KrmObject, visitor: FieldVisitor): void {
  walk(object.document.contents, '', visitor);
}

function walk(node: unknown, path: string, visitor: FieldVisitor): void {
  if (isScalar(node)) {
    visitor.scalar?.(node, path);
  } else if (isMap(node)) {
    visitor.mapping?.(node, path);
    for (const { key, value } of node.items) walk(value, joinPath(path, keyText(key)), visitor);
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) walk(item, `${path}[${index}]`, visitor);
  }
}

/** The path of a mapping's field. */
export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

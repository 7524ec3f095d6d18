import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { keyText, scalarText } from '../yaml/node-edits.ts';

/** Whether a field is there and holds something. */
export function hasValue(node: unknown): boolean {
  return node !== undefined && node !== null && !isNull(node);
}

/** Whether a field is there and holds an explicit null. */
export function isNull(node: unknown): node is Scalar<null> {
  return isScalar(node) && node.value === null;
}

/** Whether two nodes hold the same data, in whatever order of keys and style. Missing is not the same as null. */
export function sameValue(a: unknown, b: unknown): boolean {
  return same(a, b, false);
}

/** Whether two nodes hold the same data and the same comments. */
export function sameNode(a: unknown, b: unknown): boolean {
  return same(a, b, true);
}

function same(a: unknown, b: unknown, comments: boolean): boolean {
  if (a === b) return true;
  if (isScalar(a) && isScalar(b)) {
    return typeof a.value === typeof b.value && scalarText(a) === scalarText(b) && (!comments || sameComments(a, b));
  }
  if (isSeq(a) && isSeq(b)) {
    if (a.items.length !== b.items.length || (comments && !sameComments(a, b))) return false;
    return a.items.every((item, index) => same(item, b.items[index], comments));
  }
  if (isMap(a) && isMap(b)) {
    if (a.items.length !== b.items.length || (comments && !sameComments(a, b))) return false;
    const others = new Map(b.items.map((pair) => [keyText(pair.key), pair]));
    return a.items.every((pair) => {
      const other = others.get(keyText(pair.key));
      if (other === undefined || (comments && !sameComments(pair.key, other.key))) return false;
      return same(pair.value, other.value, comments);
    });
  }
  return false;
}

/** Whether two nodes carry the same comments themselves. */
function sameComments(a: unknown, b: unknown): boolean {
  return commentsOf(a) === commentsOf(b);
}

function commentsOf(node: unknown): string {
  const { commentBefore, comment } = (node ?? {}) as Partial<Node>;
  return `${commentBefore ?? ''}\n${comment ?? ''}`;
}

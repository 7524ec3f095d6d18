import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { keyComment } from './key-comments.ts';
import { keyText, scalarText } from './node-edits.ts';

/** Whether two nodes without aliases hold the same, and the first one has the comments on lines of fields that the second one brings. */
export function saysSame(a: unknown, b: unknown): boolean {
  if (!isNode(a) || !isNode(b) || !commentStays(a, b)) return a === b;
  if (isScalar(a) && isScalar(b)) return sameScalar(a, b);
  if (isSeq(a) && isSeq(b)) {
    return a.items.length === b.items.length && a.items.every((item, index) => saysSame(item, b.items[index]));
  }
  if (!isMap(a) || !isMap(b) || a.items.length !== b.items.length) return false;
  const pairs = new Map(b.items.map((pair) => [fieldName(pair.key), pair]));
  return a.items.every((pair) => {
    const other = pairs.get(fieldName(pair.key));
    return other !== undefined && (saysSame(pair.value, other.value) || (pair.value === null && other.value === null));
  });
}

/** Whether a node has the comment on the line of its field that another one brings; where that has none, any is right. */
export function commentStays(old: Node, wanted: Node): boolean {
  const line = lineOf(wanted);
  return line === '' || line.trim() === lineOf(old).trim();
}

/** The comment on the line of a value, or of its key where it is a block; empty where there is none. */
export function lineOf(node: Node): string {
  const isBlock = isCollection(node) && !isOnLine(node);
  const behind = !isBlock && (isCollection(node) || isScalar(node)) ? node.comment : undefined;
  // A block that has lost its last entry still has its comment behind the key.
  return (keyComment(node) ?? behind ?? '').split('\n', 1)[0]?.trimEnd() ?? '';
}

/** Whether a mapping or sequence stands in brackets, and a comment of its field behind them. */
export function isOnLine(node: YAMLMap | YAMLSeq): boolean {
  return node.flow === true || node.items.length === 0;
}

/** Whether two scalars hold the same, numbers that no float holds digit by digit. */
export function sameScalar(a: Scalar, b: Scalar): boolean {
  if (typeof a.value !== typeof b.value || isOctal(a) !== isOctal(b)) return false;
  if (Number.isFinite(a.value) && Math.abs(Number(a.value)) < Number.MAX_SAFE_INTEGER) return a.value === b.value;
  return scalarText(a) === scalarText(b);
}

/** Whether a number has a leading zero, which YAML 1.1 takes for base 8. */
function isOctal({ value, source }: Scalar): boolean {
  return typeof value === 'number' && /^[-+]?0[0-7]+$/.test(source ?? '');
}

/** What tells a key from the others of its mapping, also where it is a mapping or a sequence itself. */
export function fieldName(key: unknown): string {
  return isCollection(key) ? `\0${meaningOf(key)}` : keyText(key);
}

/** A text that is the same for all nodes that say the same, whatever their comments. */
export function meaningOf(node: unknown): string {
  if (isSeq(node)) return `[${node.items.map(meaningOf).join()}]`;
  if (isMap(node)) {
    const fields = node.items.map(({ key, value }) => `${JSON.stringify(keyText(key))}:${meaningOf(value)}`);
    return `{${fields.sort().join()}}`;
  }
  if (isAlias(node)) return '*';
  if (!isScalar(node) || node.value === null) return '';
  return typeof node.value === 'number' ? `${node.value}` : JSON.stringify(scalarText(node));
}

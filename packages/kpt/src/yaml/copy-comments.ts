import { type Document, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { hasKeyComment, setKeyComment } from './key-comments.ts';
import { keyText } from './node-edits.ts';

/**
 * Copies comments between two versions of an object, where the target has none: fields match by name, elements of lists by
 * their `name`, or, without one, by standing at the same place with the same value.
 */
export function copyComments(from: Document, to: Document): void {
  if (!to.commentBefore && from.commentBefore) to.commentBefore = from.commentBefore;
  if (!to.comment && from.comment) to.comment = from.comment;
  copyNode(from.contents, to.contents);
}

function copyNode(from: unknown, to: unknown): void {
  if (isMap(from) && isMap(to)) {
    copyOwn(from, to);
    copyMap(from, to);
  } else if (isSeq(from) && isSeq(to)) {
    copyOwn(from, to);
    copySeq(from, to);
  } else if (isScalar(from) && isScalar(to)) {
    copyOwn(from, to);
  }
}

function copyOwn(from: Node, to: Node): void {
  if (from.commentBefore && !to.commentBefore) {
    if (hasKeyComment(from) && (isMap(to) || isSeq(to))) setKeyComment(to, from.commentBefore);
    else to.commentBefore = from.commentBefore;
  }
  if (from.comment && !to.comment) to.comment = from.comment;
}

function copyMap(from: YAMLMap, to: YAMLMap): void {
  const pairs = new Map(from.items.map((pair) => [keyText(pair.key), pair]));
  for (const pair of to.items) {
    const source = pairs.get(keyText(pair.key));
    if (source === undefined) continue;
    copyNode(source.key, pair.key);
    copyNode(source.value, pair.value);
  }
}

function copySeq(from: YAMLSeq, to: YAMLSeq): void {
  const named = new Map<unknown, unknown>();
  for (const item of from.items) {
    const name = nameOf(item);
    if (name !== undefined && !named.has(name)) named.set(name, item);
  }
  for (const [index, item] of to.items.entries()) {
    const name = nameOf(item);
    const source = name === undefined ? from.items[index] : named.get(name);
    if (name !== undefined || samePlain(source, item)) copyNode(source, item);
  }
}

function nameOf(item: unknown): unknown {
  return isMap(item) ? item.get('name') : undefined;
}

function samePlain(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

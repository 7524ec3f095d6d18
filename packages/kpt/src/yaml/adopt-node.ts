import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { detachedNode } from '../functions/detached-node.ts';
import { itemFor, keyComment, setKeyComment } from './key-comments.ts';
import { fillField, keyText, scalarText } from './node-edits.ts';

/**
 * Makes a document say what a node of another one says. What stays the same keeps its node, and with it its bytes and comments; keys
 * keep their order and new ones come last; elements of sequences are told apart by their `name`, or by what they hold. Comments on the
 * line of a field are taken over where the other node has some; comments on lines of their own stay as they were. Aliases that still
 * stand for what is wanted stay.
 *
 * @throws Error where aliases of the other document stand for too much to be copied
 */
export function adoptNode(document: Document, wanted: Node, source: Document): void {
  const target = detachedNode(wanted, source);
  const isDone = () => document.contents !== null && saysSame(detachedNode(document.contents, document), target);
  if (isDone()) return;
  const aliases: Alias[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias) });
  if (aliases.length === 0) {
    document.contents = adopt(document.contents, target);
    return;
  }
  document.contents = adopt(document.contents, target, (alias) => detachedNode(alias, document));
  if (!hasLostAnchors(document) && isDone()) return;
  // An anchor has gone, moved, or changed after its alias was looked at.
  document.contents = adopt(document.contents, target);
}

/** Whether an alias stands where its anchor does not come before it. */
function hasLostAnchors(document: Document): boolean {
  const anchors = new Set<string | undefined>();
  let isLost = false;
  visit(document, (_, node) => {
    if (isAlias(node)) isLost ||= !anchors.has(node.source);
    else if (isScalar(node) || isMap(node) || isSeq(node)) anchors.add(node.anchor);
  });
  return isLost;
}

/** @param copyOf - gives what an alias stands for; without it no alias stays */
type CopyOf = (alias: Alias) => Node;

function adopt(old: unknown, wanted: Node, copyOf?: CopyOf): Node {
  if (isAlias(old) && copyOf !== undefined) {
    const copy = copyOf(old);
    return saysSame(copy, wanted) ? old : adopt(copy, wanted, copyOf);
  }
  if (isMap(old) && isMap(wanted)) return takeComment(adoptMap(old, wanted, copyOf), wanted);
  if (isSeq(old) && isSeq(wanted)) return takeComment(adoptSequence(old, wanted, copyOf), wanted);
  if (!isScalar(old) || !isScalar(wanted)) return inPlaceOf(wanted, old);
  if (sameScalar(old, wanted)) return takeComment(old, wanted);
  if (!isLine(old) || !isLine(wanted)) return inPlaceOf(wanted, old);
  old.value = wanted.value;
  delete old.source;
  return takeComment(old, wanted);
}

/** Whether a scalar is text of one line: then the quotes that it has can be kept. */
function isLine({ value }: Scalar): boolean {
  return typeof value === 'string' && !value.includes('\n');
}

function adoptMap(old: YAMLMap, wanted: YAMLMap, copyOf?: CopyOf): YAMLMap {
  const pairs = new Map(wanted.items.map((pair) => [keyText(pair.key), pair]));
  old.items = old.items.filter((pair) => pairs.has(keyText(pair.key)));
  if (old.items.length === 0 && wanted.items.length > 0) old.flow = false;
  for (const pair of old.items) {
    const other = pairs.get(keyText(pair.key));
    pairs.delete(keyText(pair.key));
    const value = other?.value;
    if (isNode(value)) fillField(pair, (old) => adopt(old, value, copyOf));
  }
  old.items.push(...pairs.values());
  return old;
}

function adoptSequence(old: YAMLSeq, wanted: YAMLSeq, copyOf?: CopyOf): YAMLSeq {
  const before = old.items;
  const free = new Set(before);
  const chosen = new Map<unknown, unknown>();
  const choose = (find: (item: unknown, index: number) => unknown): void => {
    for (const [index, item] of wanted.items.entries()) {
      const found = chosen.has(item) ? undefined : find(item, index);
      if (found !== undefined && free.delete(found)) chosen.set(item, found);
    }
  };
  choose((item, index) => (saysSame(before[index], item) ? before[index] : undefined));
  choose((item) => before.find((each) => free.has(each) && saysSame(each, item)));
  choose((item) => {
    const name = nameOf(item);
    return name === undefined ? undefined : before.find((each) => free.has(each) && nameOf(each) === name);
  });
  choose((_, index) => before[index]);
  if (before.length === 0 && wanted.items.length > 0) old.flow = false;
  old.items = wanted.items.map((item) =>
    isNode(item) ? itemFor(chosen.get(item), adopt(chosen.get(item), item, copyOf)) : item,
  );
  return old;
}

/** Gives a node the comment on another's line. */
function takeComment<T extends Node>(node: T, from: Node): T {
  if (commentStays(node, from)) return node;
  if (isScalar(node) && from.comment)
    node.comment = [lineOf(from), ...(node.comment ?? '').split('\n').slice(1)].join('\n');
  const comment = keyComment(from);
  if ((isMap(node) || isSeq(node)) && comment !== undefined) setKeyComment(node, comment);
  return node;
}

/** Gives a node that is put in another's place the comments that it does not bring itself. */
function inPlaceOf(wanted: Node, old: unknown): Node {
  if (!isNode(old)) return wanted;
  if (isScalar(wanted)) wanted.comment ||= old.comment;
  wanted.commentBefore ||= old.commentBefore;
  return wanted;
}

function saysSame(a: unknown, b: unknown): boolean {
  if (!isNode(a) || !isNode(b) || !commentStays(a, b)) return a === b;
  if (isScalar(a) && isScalar(b)) return sameScalar(a, b);
  if (isSeq(a) && isSeq(b)) {
    return a.items.length === b.items.length && a.items.every((item, index) => saysSame(item, b.items[index]));
  }
  if (!isMap(a) || !isMap(b) || a.items.length !== b.items.length) return false;
  const pairs = new Map(b.items.map((pair) => [keyText(pair.key), pair]));
  return a.items.every((pair) => {
    const other = pairs.get(keyText(pair.key));
    return other !== undefined && (saysSame(pair.value, other.value) || (pair.value === null && other.value === null));
  });
}

function commentStays(old: Node, wanted: Node): boolean {
  const line = lineOf(wanted);
  const key = keyComment(wanted);
  return (line === '' || line === lineOf(old)) && (key === undefined || key.trim() === keyComment(old)?.trim());
}

function lineOf(node: Node): string {
  return isScalar(node) ? ((node.comment ?? '').split('\n', 1)[0] ?? '').trimEnd() : '';
}

function sameScalar(a: Scalar, b: Scalar): boolean {
  if (typeof a.value !== typeof b.value || isOctal(a) !== isOctal(b)) return false;
  if (Number.isFinite(a.value) && Math.abs(Number(a.value)) < Number.MAX_SAFE_INTEGER) return a.value === b.value;
  return scalarText(a) === scalarText(b);
}

/** Whether a number has a leading zero, which YAML 1.1 takes for base 8. */
function isOctal({ value, source }: Scalar): boolean {
  return typeof value === 'number' && /^[-+]?0[0-7]+$/.test(source ?? '');
}

function nameOf(item: unknown): string | undefined {
  if (!isMap(item)) return undefined;
  const name = item.items.find((pair) => keyText(pair.key) === 'name')?.value;
  return isScalar(name) && typeof name.value === 'string' ? name.value : undefined;
}

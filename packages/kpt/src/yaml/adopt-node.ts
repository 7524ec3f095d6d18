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
import { detachedNode } from './detached-node.ts';
import { hasKeyComment, itemFor, setKeyComment } from './key-comments.ts';
import { matchItems } from './match-items.ts';
import { fillField } from './node-edits.ts';
import { commentStays, fieldName, isOnLine, lineOf, sameScalar, saysSame } from './says-same.ts';
import { isTypeTag } from './unfit-tags.ts';

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
  document.contents = adopt(document.contents, target, new PassedAnchors(document));
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

/** The anchors of a document before the place that has been reached: what aliases at that place stand for. */
class PassedAnchors {
  readonly #document: Document;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node | undefined>();

  constructor(document: Document) {
    this.#document = document;
  }

  pass(node: unknown): void {
    if (isAlias(node)) this.#targets.set(node, this.#anchors.get(node.source));
    else if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) this.#anchors.set(node.anchor, node);
  }

  resolve(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  /** A copy of what an alias stands for that has been passed. */
  copyOf(alias: Alias): Node {
    return detachedNode(alias, this.#document, this);
  }
}

/**
 * @param anchors - those before the node, which it adds its own to; without them no alias stays
 * @param hasKey - whether it is the value of a key
 */
function adopt(old: unknown, wanted: Node, anchors?: PassedAnchors, hasKey = false): Node {
  if (isAlias(old) && anchors !== undefined) {
    anchors.pass(old);
    const copy = anchors.copyOf(old);
    return saysSame(copy, wanted) ? old : adopt(copy, wanted, anchors, hasKey);
  }
  const node = stays(old, wanted) ? old : inPlaceOf(wanted, old);
  anchors?.pass(node);
  if (node === wanted) return node;
  if (isMap(node) && isMap(wanted)) adoptMap(node, wanted, anchors);
  else if (isSeq(node) && isSeq(wanted)) adoptSequence(node, wanted, anchors);
  else if (isScalar(node) && isScalar(wanted) && !sameScalar(node, wanted)) {
    node.value = wanted.value;
    delete node.source;
    if (isTypeTag(node.tag)) delete node.tag;
    if (isTypeTag(wanted.tag)) node.tag = wanted.tag;
  }
  return takeComment(node, wanted, hasKey);
}

/** Whether a node can be made to hold what is wanted. */
function stays(old: unknown, wanted: Node): old is Node {
  if (isMap(wanted)) return isMap(old);
  if (isSeq(wanted)) return isSeq(old);
  return isScalar(wanted) && isScalar(old) && (sameScalar(old, wanted) || (isLine(old) && isLine(wanted)));
}

/** Whether a scalar is text of one line: then the quotes that it has can be kept. */
function isLine({ value }: Scalar): boolean {
  return typeof value === 'string' && !value.includes('\n');
}

function adoptMap(old: YAMLMap, wanted: YAMLMap, anchors?: PassedAnchors): void {
  const pairs = new Map(wanted.items.map((pair) => [fieldName(pair.key), pair]));
  old.items = old.items.filter((pair) => pairs.has(fieldName(pair.key)));
  if (old.items.length === 0 && wanted.items.length > 0) old.flow = false;
  for (const pair of old.items) {
    const other = pairs.get(fieldName(pair.key));
    pairs.delete(fieldName(pair.key));
    const value = other?.value;
    anchors?.pass(pair.key);
    if (isNode(value)) fillField(pair, (old) => adopt(old, value, anchors, true));
  }
  for (const pair of pairs.values()) old.items.push(pair);
}

function adoptSequence(old: YAMLSeq, wanted: YAMLSeq, anchors?: PassedAnchors): void {
  const before = old.items;
  const chosen = matchItems(before, wanted.items);
  if (before.length === 0 && wanted.items.length > 0) old.flow = false;
  old.items = wanted.items.map((item) =>
    isNode(item) ? itemFor(chosen.get(item), adopt(chosen.get(item), item, anchors)) : item,
  );
}

/** Gives a node the comment on another's line, behind its value or, where that is a block, behind its key. */
function takeComment<T extends Node>(node: T, from: Node, hasKey: boolean): T {
  if (commentStays(node, from)) return node;
  const line = lineOf(from);
  if ((isMap(node) || isSeq(node)) && (!isOnLine(node) || hasKeyComment(node))) {
    if (hasKey) setKeyComment(node, line);
    else node.commentBefore ||= line;
  } else node.comment = [line, ...(node.comment ?? '').split('\n').slice(1)].join('\n');
  return node;
}

/** Gives a node that is put in another's place the comments that it does not bring itself. */
function inPlaceOf(wanted: Node, old: unknown): Node {
  if (!isNode(old)) return wanted;
  if (isScalar(wanted)) wanted.comment ||= old.comment;
  wanted.commentBefore ||= old.commentBefore;
  return wanted;
}

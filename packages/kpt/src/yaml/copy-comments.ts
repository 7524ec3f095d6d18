import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { hasKeyComment, keyComment, setKeyComment } from './key-comments.ts';
import { keyText } from './node-edits.ts';
import { isOnLine } from './says-same.ts';

/**
 * Copies comments between two versions of an object, where the target has none: fields match by name, elements of lists by
 * their `name`, or, without one, by standing at the same place with the same value.
 */
export function copyComments(from: Document, to: Document): void {
  if (!to.commentBefore && from.commentBefore) to.commentBefore = from.commentBefore;
  if (!to.comment && from.comment) to.comment = from.comment;
  copyNode(from.contents, to.contents, false);
}

/** @param hasKey - whether it is the value of a key, on whose line a block's comment can stand */
function copyNode(from: unknown, to: unknown, hasKey: boolean): void {
  if (isMap(from) && isMap(to)) {
    copyOwn(from, to, hasKey);
    copyMap(from, to);
  } else if (isSeq(from) && isSeq(to)) {
    copyOwn(from, to, hasKey);
    copySeq(from, to);
  } else if (isScalar(from) && isScalar(to)) {
    if (from.commentBefore && !to.commentBefore) to.commentBefore = from.commentBefore;
    if (from.comment && !to.comment) to.comment = from.comment;
  }
}

/** What stood beside a mapping or sequence, or its key, stands there again however it is written now. */
function copyOwn(from: YAMLMap | YAMLSeq, to: YAMLMap | YAMLSeq, hasKey: boolean): void {
  const [theirs, mine] = [commentsOf(from), commentsOf(to)];
  if (mine.above === '' && theirs.above !== '' && (to.items.length > 0 || from.items.length === 0)) {
    const beside = keyComment(to);
    to.commentBefore = beside === undefined ? theirs.above : `${beside}\n${theirs.above}`;
  }
  if (mine.below === '' && theirs.below !== '' && !isOnLine(to)) to.comment = theirs.below;
  if (mine.beside !== '' || theirs.beside === '') return;
  if (isOnLine(to)) to.comment = theirs.beside;
  else if (hasKey) setKeyComment(to, theirs.beside);
  else to.commentBefore ||= theirs.beside;
}

interface OwnComments {
  /** On the line of its key, or behind its brackets. */
  readonly beside: string;
  /** Above its first entry. */
  readonly above: string;
  /** Below the last entry of a block. */
  readonly below: string;
}

function commentsOf(node: YAMLMap | YAMLSeq): OwnComments {
  const lines = node.commentBefore?.split('\n') ?? [];
  const ofKey = hasKeyComment(node) ? lines.shift() : undefined;
  const behind = node.comment ?? '';
  const above = lines.join('\n');
  return isOnLine(node) ? { beside: behind, above, below: '' } : { beside: ofKey ?? '', above, below: behind };
}

function copyMap(from: YAMLMap, to: YAMLMap): void {
  const pairs = new Map(from.items.map((pair) => [keyText(pair.key), pair]));
  for (const pair of to.items) {
    const source = pairs.get(keyText(pair.key));
    if (source === undefined) continue;
    copyNode(source.key, pair.key, false);
    copyNode(source.value, pair.value, true);
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
    if (name !== undefined || samePlain(source, item)) copyNode(source, item, false);
  }
}

function nameOf(item: unknown): unknown {
  return isMap(item) ? item.get('name') : undefined;
}

function samePlain(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

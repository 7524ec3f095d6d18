import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { hasKeyComment, keyComment, setKeyComment } from './key-comments.ts';
import { keyText } from './node-edits.ts';
import { isOnLine, meaningOf } from './says-same.ts';

/**
 * Copies comments between two versions of an object, where the target has none: fields match by name, elements of lists by
 * their `name`, or, without one, by standing at the same place and saying the same.
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
  const named = groupByName(from.items);
  const wanted = groupByName(to.items);
  for (const [index, item] of to.items.entries()) {
    const name = nameOf(item);
    const source = name === undefined ? from.items[index] : counterpart(item, wanted.get(name), named.get(name));
    // Clients that write a list anew often sort the keys of its elements.
    if (name !== undefined || meaningOf(source) === meaningOf(item)) copyNode(source, item, false);
  }
}

/** Elements that share a name, in order, and how often others have been looked for among them. */
interface Namesakes {
  readonly items: unknown[];
  byMeaning?: ReadonlyMap<string, unknown>;
  taken: number;
}

function groupByName(items: readonly unknown[]): ReadonlyMap<unknown, Namesakes> {
  const groups = new Map<unknown, Namesakes>();
  for (const item of items) {
    const name = nameOf(item);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { items: [item], taken: 0 });
    else group.items.push(item);
  }
  return groups;
}

/**
 * The former element in whose place one of the same name stands. Where several have the name, as mounts of one volume do, it is one that
 * says the same or, where there are as many as before, the one at the same place among them.
 */
function counterpart(item: unknown, wanted: Namesakes | undefined, former: Namesakes | undefined): unknown {
  if (wanted === undefined || former === undefined) return undefined;
  const ordinal = wanted.taken;
  wanted.taken += 1;
  const sameCount = former.items.length === wanted.items.length;
  if (sameCount && former.items.length === 1) return former.items[0];
  former.byMeaning ??= new Map(former.items.map((each) => [meaningOf(each), each]));
  return former.byMeaning.get(meaningOf(item)) ?? (sameCount ? former.items[ordinal] : undefined);
}

/** What tells an element apart from others; undefined for one without a name. */
function nameOf(item: unknown): unknown {
  const name = isMap(item) ? item.get('name') : undefined;
  return typeof name === 'object' ? undefined : name;
}

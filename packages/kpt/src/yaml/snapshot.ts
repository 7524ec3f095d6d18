import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Range, type Scalar } from 'yaml';
import { hasKeyComment } from './key-comments.ts';
import { scalarText } from './node-edits.ts';

/** What a node was when it was looked at: enough to see whether it has changed and where it stands in the text. */
export interface Snapshot {
  readonly kind: 'map' | 'seq' | 'scalar' | 'alias' | 'none';
  /** The value of a scalar, the name that an alias stands for; otherwise undefined. */
  readonly value: unknown;
  /** How a scalar that is no string was written: numbers that are equal can be written differently, 1.1 and 1.10. */
  readonly source: string | undefined;
  /** The style of a scalar; `flow` for a collection in brackets. */
  readonly style: string | undefined;
  readonly tag: string | undefined;
  readonly anchor: string | undefined;
  /** The comments of the node itself; empty where it has none. */
  readonly comments: string;
  readonly range: Range | undefined;
  /** Values of a mapping or sequence, in order. */
  readonly children: readonly Snapshot[];
  /** Keys of a mapping, beside `children`. */
  readonly keys: readonly Snapshot[];
}

const nothing: readonly Snapshot[] = [];
const none: Snapshot = {
  kind: 'none',
  value: undefined,
  source: undefined,
  style: undefined,
  tag: undefined,
  anchor: undefined,
  comments: '',
  range: undefined,
  children: nothing,
  keys: nothing,
};

/** Notes what a node holds, comments and styles included. */
export function snapshotNode(node: unknown): Snapshot {
  if (isScalar(node)) return snapshotOf('scalar', node, nothing, nothing);
  if (isMap(node)) {
    const keys = node.items.map((pair) => snapshotNode(pair.key));
    const values = node.items.map((pair) => snapshotNode(pair.value));
    return snapshotOf('map', node, values, keys);
  }
  if (isSeq(node)) {
    const items = node.items.map((item) => snapshotNode(item));
    return snapshotOf('seq', node, items, nothing);
  }
  return isAlias(node) ? snapshotOf('alias', node, nothing, nothing) : none;
}

function snapshotOf(
  kind: Exclude<Snapshot['kind'], 'none'>,
  node: Node,
  children: readonly Snapshot[],
  keys: readonly Snapshot[],
): Snapshot {
  return {
    kind,
    value: valueOf(node),
    source: sourceOf(node),
    style: styleOf(node),
    tag: node.tag,
    anchor: anchorOf(node),
    comments: commentsOf(node),
    range: node.range ?? undefined,
    children,
    keys,
  };
}

function valueOf(node: Node): unknown {
  if (isScalar(node)) return node.value;
  return isAlias(node) ? node.source : undefined;
}

function sourceOf(node: Node): string | undefined {
  return isScalar(node) && typeof node.value !== 'string' ? (node.source ?? '') : undefined;
}

function styleOf(node: Node): string | undefined {
  if (isScalar(node)) return node.type;
  return (isMap(node) || isSeq(node)) && node.flow ? 'flow' : undefined;
}

function anchorOf(node: Node): string | undefined {
  return isAlias(node) ? undefined : (node as { anchor?: string }).anchor;
}

/** The comments of a node itself as one text; empty where it has none. */
export function commentsOf(node: Node): string {
  if (!node.commentBefore && !node.comment) return '';
  return `${hasKeyComment(node) ? 'key' : ''}#${node.commentBefore ?? ''}#${node.comment ?? ''}`;
}

/** The text of a scalar, as the name of the pair it is the key of. */
export function snapshotName({ value, source }: Snapshot): string {
  return typeof value === 'string' ? value : (source ?? String(value));
}

/** Whether a node is what it was when the snapshot was made, wherever it stands now. */
export function isAsBefore(before: Snapshot, node: unknown): boolean {
  if (before.kind === 'none') return snapshotNode(node).kind === 'none';
  if (isScalar(node)) return before.kind === 'scalar' && isSelfAsBefore(before, node);
  if (isMap(node)) {
    const { keys, children } = before;
    if (before.kind !== 'map' || node.items.length !== keys.length || !isSelfAsBefore(before, node)) return false;
    return node.items.every(
      (pair, index) => isAsBefore(keys[index] ?? none, pair.key) && isAsBefore(children[index] ?? none, pair.value),
    );
  }
  if (isSeq(node)) {
    const { children } = before;
    if (before.kind !== 'seq' || node.items.length !== children.length || !isSelfAsBefore(before, node)) return false;
    return node.items.every((item, index) => isAsBefore(children[index] ?? none, item));
  }
  return isAlias(node) && before.kind === 'alias' && isSelfAsBefore(before, node);
}

/** Whether a node of the same kind is the same, apart from what it contains. */
export function isSelfAsBefore(before: Snapshot, node: Node): boolean {
  return hasSameForm(before, node) && before.comments === commentsOf(node);
}

/** Whether value, style, tag and anchor are the same; comments may differ. A scalar made anew has every style. */
export function hasSameForm(before: Snapshot, node: Node): boolean {
  const isNew = isScalar(node) && node.type === undefined && node.source === undefined;
  return (
    Object.is(before.value, valueOf(node)) &&
    (isNew || (before.source === sourceOf(node) && before.style === styleOf(node))) &&
    before.tag === node.tag &&
    before.anchor === anchorOf(node)
  );
}

/** The comments before and after a document's content. */
export function outerComments({ commentBefore, comment }: Document): string {
  return `${commentBefore ?? ''}\n${comment ?? ''}`;
}

/** Whether two documents say the same: values, order and comments, whatever their styles. */
export function sameContent(a: Document, b: Document): boolean {
  return (
    (a.commentBefore ?? '') === (b.commentBefore ?? '') &&
    (a.comment ?? '') === (b.comment ?? '') &&
    sameNode(a.contents, b.contents)
  );
}

function sameNode(a: unknown, b: unknown): boolean {
  if (isScalar(a) && isScalar(b)) return sameValue(a, b) && a.tag === b.tag && sameComments(a, b);
  if (isAlias(a) && isAlias(b)) return a.source === b.source && sameComments(a, b);
  if (isMap(a) && isMap(b)) {
    if (a.items.length !== b.items.length || !sameComments(a, b)) return false;
    return a.items.every((pair, index) => {
      const other = b.items[index];
      return sameNode(pair.key, other?.key) && sameNode(pair.value, other?.value);
    });
  }
  if (isSeq(a) && isSeq(b)) {
    if (a.items.length !== b.items.length || !sameComments(a, b)) return false;
    return a.items.every((item, index) => sameNode(item, b.items[index]));
  }
  return (a ?? null) === null && (b ?? null) === null;
}

/** NaN is the same as NaN, whole numbers of any size are digit by digit, and bytes are where they are written alike. */
function sameValue(a: Scalar, b: Scalar): boolean {
  if (typeof a.value === 'bigint' || typeof b.value === 'bigint') return scalarText(a) === scalarText(b);
  const isWrittenAlike = a.value !== null && typeof a.value === 'object' && a.source === b.source;
  return Object.is(a.value, b.value) || (isWrittenAlike && a.source !== undefined);
}

function sameComments(a: Node, b: Node): boolean {
  return (a.commentBefore ?? '') === (b.commentBefore ?? '') && (a.comment ?? '') === (b.comment ?? '');
}

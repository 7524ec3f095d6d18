import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Range } from 'yaml';
import { hasKeyComment } from './key-comments.ts';
import { keyText } from './node-edits.ts';

/** What a node was when it was looked at: enough to see whether it has changed and where it stands in the text. */
export interface Snapshot {
  readonly kind: 'map' | 'seq' | 'scalar' | 'alias' | 'none';
  /** The value of a scalar, the target of an alias; with tag, anchor and style. */
  readonly value: string;
  /** The comments of the node itself; empty where it has none. */
  readonly comments: string;
  /** `value` and `comments` together. */
  readonly own: string;
  /** The text of a scalar, as the name of the pair it is the key of. */
  readonly name: string;
  readonly range: Range | undefined;
  /** Values of a mapping or sequence, in order. */
  readonly children: readonly Snapshot[];
  /** Keys of a mapping, beside `children`. */
  readonly keys: readonly Snapshot[];
}

const nothing: readonly Snapshot[] = [];
const none: Snapshot = {
  kind: 'none',
  value: '',
  comments: '',
  own: '',
  name: '',
  range: undefined,
  children: nothing,
  keys: nothing,
};

/** Notes what a node holds, comments and styles included. */
export function snapshotNode(node: unknown): Snapshot {
  if (isScalar(node)) {
    // Numbers that are equal can be written differently: 1.1 and 1.10.
    const text = typeof node.value === 'string' ? '' : (node.source ?? '');
    const value = `${typeof node.value} ${String(node.value)} ${text} ${node.type ?? ''} ${node.tag ?? ''} ${node.anchor ?? ''}`;
    return { ...leaf('scalar', node, value), name: keyText(node) };
  }
  if (isAlias(node)) return leaf('alias', node, node.source);
  if (isMap(node)) {
    const keys = node.items.map((pair) => snapshotNode(pair.key));
    return {
      ...collection(
        'map',
        node,
        node.items.map((pair) => snapshotNode(pair.value)),
      ),
      keys,
    };
  }
  if (isSeq(node))
    return collection(
      'seq',
      node,
      node.items.map((item) => snapshotNode(item)),
    );
  return none;
}

function leaf(kind: 'scalar' | 'alias', node: Node, value: string): Snapshot {
  const comments = commentsOf(node);
  return {
    kind,
    value,
    comments,
    own: `${value}\n${comments}`,
    name: '',
    range: node.range ?? undefined,
    children: nothing,
    keys: nothing,
  };
}

function collection(
  kind: 'map' | 'seq',
  node: Node & { flow?: boolean; anchor?: string },
  children: readonly Snapshot[],
): Snapshot {
  const comments = commentsOf(node);
  const value = `${node.flow === true} ${node.tag ?? ''} ${node.anchor ?? ''}`;
  return {
    kind,
    value,
    comments,
    own: `${value}\n${comments}`,
    name: '',
    range: node.range ?? undefined,
    children,
    keys: nothing,
  };
}

function commentsOf(node: Node): string {
  if (!node.commentBefore && !node.comment) return '';
  return `${hasKeyComment(node) ? 'key' : ''}#${node.commentBefore ?? ''}#${node.comment ?? ''}`;
}

/** Whether two snapshots are of the same content, styles and comments, wherever they stand. */
export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.own !== b.own || a.children.length !== b.children.length) return false;
  return (
    a.keys.every((key, index) => sameSnapshot(key, b.keys[index] ?? none)) &&
    a.children.every((child, index) => sameSnapshot(child, b.children[index] ?? none))
  );
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
  if (isScalar(a) && isScalar(b)) return a.value === b.value && a.tag === b.tag && sameComments(a, b);
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

function sameComments(a: Node, b: Node): boolean {
  return (a.commentBefore ?? '') === (b.commentBefore ?? '') && (a.comment ?? '') === (b.comment ?? '');
}

import { type Document, isAlias, isMap, isScalar, isSeq, type Range } from 'yaml';

/** What a node was when it was parsed: enough to see whether it has changed and where it stands in the text. */
export interface Snapshot {
  readonly kind: 'map' | 'seq' | 'scalar' | 'alias' | 'none';
  /** Everything about the node itself but its children, joined. */
  readonly own: string;
  readonly range: Range | undefined;
  /** Values of a mapping or sequence, in order. */
  readonly children: readonly Snapshot[];
  /** Keys of a mapping, beside `children`. */
  readonly keys: readonly Snapshot[];
}

const none: Snapshot = { kind: 'none', own: '', range: undefined, children: [], keys: [] };

/** Notes what a document holds, comments and styles included. */
export function snapshotDocument(document: Document): Snapshot {
  return { ...snapshotNode(document.contents), own: ownOfDocument(document) };
}

function ownOfDocument(document: Document): string {
  return JSON.stringify([snapshotNode(document.contents).own, document.commentBefore, document.comment]);
}

/** Notes what a node holds, comments and styles included. */
export function snapshotNode(node: unknown): Snapshot {
  if (isScalar(node)) {
    const own = JSON.stringify([
      typeof node.value === 'bigint' ? `${node.value}n` : node.value,
      typeof node.value,
      node.type,
      node.tag,
      node.anchor,
      node.commentBefore,
      node.comment,
    ]);
    return { kind: 'scalar', own, range: node.range ?? undefined, children: [], keys: [] };
  }
  if (isMap(node)) {
    return {
      kind: 'map',
      own: ownOfCollection(node),
      range: node.range ?? undefined,
      children: node.items.map((pair) => snapshotNode(pair.value)),
      keys: node.items.map((pair) => snapshotNode(pair.key)),
    };
  }
  if (isSeq(node)) {
    return {
      kind: 'seq',
      own: ownOfCollection(node),
      range: node.range ?? undefined,
      children: node.items.map((item) => snapshotNode(item)),
      keys: [],
    };
  }
  if (isAlias(node)) {
    const own = JSON.stringify([node.source, node.commentBefore, node.comment]);
    return { kind: 'alias', own, range: node.range ?? undefined, children: [], keys: [] };
  }
  return none;
}

interface CollectionLook {
  readonly flow?: boolean | undefined;
  readonly tag?: string | undefined;
  readonly anchor?: string | undefined;
  readonly commentBefore?: string | null | undefined;
  readonly comment?: string | null | undefined;
}

function ownOfCollection(node: CollectionLook): string {
  return JSON.stringify([node.flow === true, node.tag, node.anchor, node.commentBefore, node.comment]);
}

/** Whether two snapshots are of the same content, wherever it stands. */
export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  if (a.kind !== b.kind || a.own !== b.own || a.children.length !== b.children.length) return false;
  return (
    a.keys.every((key, index) => sameSnapshot(key, b.keys[index] ?? none)) &&
    a.children.every((child, index) => sameSnapshot(child, b.children[index] ?? none))
  );
}

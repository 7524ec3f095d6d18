import { type Document, isMap, isSeq, type Node, type Pair, Scalar, YAMLMap } from 'yaml';
import { detachedNode } from '../yaml/detached-node.ts';
import { keyText } from '../yaml/node-edits.ts';
import { interleave } from './interleave.ts';
import { type Entry, leadComment, mergedLead, setEntries } from './lead-comments.ts';
import { keepLocalComments, mergeAllComments } from './merge-comments.ts';
import { mergeKeyedLists } from './merge-lists.ts';
import { type MergeShape, shapeOf } from './merge-shape.ts';
import { mergedOwnComments, setOwnComments } from './own-comments.ts';
import { hasValue, isNull, sameNode, sameValue } from './same-node.ts';

/** The same field of three documents without aliases; undefined where it is missing. */
export interface Versions {
  readonly old: Node | undefined;
  readonly updated: Node | undefined;
  readonly local: Node | undefined;
}

/**
 * Merges the upstream's changes from `old` to `updated` into `local`, whose nodes are edited in place: what upstream changed
 * is as upstream has it now, everything else as it is locally. A null that one side has put there removes the field.
 *
 * @param document - the one that `updated` is part of
 * @param isElement - whether this is an element of a list, whose comments are merged with the list
 * @returns the node to put in the place of `local`, usually the same; undefined where the field is to be absent
 */
export function mergeFields(
  versions: Versions,
  shape: MergeShape | undefined,
  document: Document,
  isElement = false,
): Node | undefined {
  const { old, updated, local } = versions;
  if (!isNull(old) && (isNull(updated) || isNull(local))) return clear(versions);
  if (sameNode(old, updated)) return local;
  // What only one side has removed is gone, also where it is a mapping or a list that held nothing.
  if (local === undefined && sameValue(old, updated)) return undefined;
  if (updated === undefined && sameValue(old, local)) return undefined;
  if (mergesAs(versions, isMap)) return mergeMaps(versions, shape, document, isElement);
  if (shape?.identity !== undefined && mergesAs(versions, isSeq)) {
    const merged = mergeKeyedLists(versions, shape.identity, shape.items, document);
    if (merged !== 'atomic') return merged;
  }
  if (!sameValue(old, updated)) {
    const copy = updated === undefined ? undefined : detachedNode(updated, document);
    if (copy !== undefined && local !== undefined) keepLocalComments(old, updated, local, copy);
    return copy;
  }
  mergeAllComments(old, updated, local);
  return local;
}

function clear({ old, updated, local }: Versions): Node | undefined {
  if (hasValue(old) || hasValue(updated) || hasValue(local)) return undefined;
  return local ?? (old === undefined ? updated : undefined);
}

/** Whether what there is of a field now is of one kind, so that its parts can be merged one by one. */
function mergesAs<T extends Node>(versions: Versions, isKind: (node: unknown) => node is T): boolean {
  const { updated, local } = versions;
  if (updated === undefined && local === undefined) return false;
  return (updated === undefined || isKind(updated)) && (local === undefined || isKind(local));
}

function mergeMaps(
  { old, updated, local }: Versions,
  shape: MergeShape | undefined,
  document: Document,
  isElement: boolean,
): Node | undefined {
  if (local === undefined && old === undefined && updated !== undefined) return detachedNode(updated, document);
  const result = isMap(local) ? local : new YAMLMap();
  const wasEmpty = result.items.length === 0;
  const comments = mergedOwnComments(old, updated, local);
  const [before, after, mine] = [entriesOf(old, isElement), entriesOf(updated, isElement), entriesOf(local, isElement)];
  const kept: [string, Entry<Pair>][] = [];
  for (const [key, { item: pair, lead }] of mine) {
    const [was, now] = [before.get(key), after.get(key)];
    const versions = { old: valueOf(was?.item), updated: valueOf(now?.item), local: valueOf(pair) };
    const merged = mergeFields(versions, shapeOf(shape, key), document);
    if (merged === undefined) continue;
    if (merged !== versions.local) pair.value = merged;
    kept.push([key, { item: pair, lead: mergedLead(was?.lead ?? '', now?.lead, lead) }]);
  }
  setEntries(result, interleave(kept, newPairs(before, after, mine, shape, document), after.keys()), isElement);
  if (wasEmpty && result.items.length > 0) result.flow = isMap(updated) && updated.flow === true;
  setOwnComments(result, comments, !isElement && updated !== document.contents);
  if (result.items.length > 0) return result;
  const staysEmpty = (local !== undefined && wasEmpty) || (isMap(updated) && updated.items.length === 0);
  return staysEmpty ? result : undefined;
}

type Pairs = ReadonlyMap<string, Entry<Pair>>;

/** What upstream has and `local` never had, or lost to a conflict. */
function newPairs(
  before: Pairs,
  after: Pairs,
  present: Pairs,
  shape: MergeShape | undefined,
  document: Document,
): ReadonlyMap<string, Entry<Pair>> {
  const added = new Map<string, Entry<Pair>>();
  for (const [key, { item: pair, lead }] of after) {
    if (present.has(key)) continue;
    const versions = { old: valueOf(before.get(key)?.item), updated: valueOf(pair), local: undefined };
    const merged = mergeFields(versions, shapeOf(shape, key), document);
    if (merged === undefined) continue;
    added.set(key, { item: document.createPair(detachedNode(pair.key as Node, document), merged), lead });
  }
  return added;
}

/** The pairs of a mapping by key, with the comments above them; none for anything else. */
function entriesOf(node: unknown, isElement: boolean): Pairs {
  if (!isMap(node)) return new Map();
  return new Map(
    node.items.map((item, index) => [keyText(item.key), { item, lead: leadComment(node, index, isElement) }]),
  );
}

/** A key without a value holds null. */
function valueOf(pair: Pair | undefined): Node | undefined {
  return pair === undefined ? undefined : ((pair.value ?? new Scalar(null)) as Node);
}

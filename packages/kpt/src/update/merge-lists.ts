import { type Document, isSeq, type Node, YAMLSeq } from 'yaml';
import { detachedNode } from '../functions/detached-node.ts';
import { interleave } from './interleave.ts';
import { mergeComments } from './merge-comments.ts';
import { mergeFields, type Versions } from './merge-fields.ts';
import type { ElementIdentity, MergeShape } from './merge-shape.ts';
import { sameValue } from './same-node.ts';

type Elements = ReadonlyMap<string, Node>;

/**
 * Merges lists element by element. The local order stays; new elements follow the one that they follow upstream.
 *
 * @returns the merged list, undefined where it is to be absent, `atomic` where the elements cannot be told apart
 */
export function mergeKeyedLists(
  { old, updated, local }: Versions,
  identity: ElementIdentity,
  shape: MergeShape | undefined,
  document: Document,
): Node | undefined | 'atomic' {
  const [before, after, mine] = [old, updated, local].map((list) => elementsOf(list, identity));
  if (before === undefined || after === undefined || mine === undefined) return 'atomic';
  if (local === undefined && old === undefined && updated !== undefined) return detachedNode(updated, document);
  const result = isSeq(local) ? local : new YAMLSeq();
  const wasEmpty = result.items.length === 0;
  const merged: [string, Node][] = [];
  for (const [key, element] of mine) {
    const [was, now] = [before.get(key), after.get(key)];
    if (now === undefined) {
      if (was === undefined) merged.push([key, element]);
      continue;
    }
    const kept = mergeFields({ old: was, updated: now, local: element }, shape, document);
    if (kept !== undefined) merged.push([key, kept]);
  }
  result.items = interleave(merged, newElements(before, after, mine, document), after.keys());
  mergeComments(old, updated, local);
  if (result.items.length > 0) {
    if (wasEmpty) result.flow = isSeq(updated) ? updated.flow === true : false;
    return result;
  }
  return (local !== undefined && wasEmpty) || (isSeq(updated) && updated.items.length === 0) ? result : undefined;
}

/** What is new upstream, and what `local` removed but upstream changed. */
function newElements(before: Elements, after: Elements, mine: Elements, document: Document): Elements {
  const added = new Map<string, Node>();
  for (const [key, element] of after) {
    const was = before.get(key);
    if (!mine.has(key) && (was === undefined || !sameValue(was, element))) {
      added.set(key, detachedNode(element, document));
    }
  }
  return added;
}

/** The elements by identity, none for a list that is missing; undefined where one has no identity or shares it. */
function elementsOf(list: unknown, identity: ElementIdentity): Elements | undefined {
  const elements = new Map<string, Node>();
  if (!isSeq(list)) return elements;
  for (const item of list.items) {
    const key = identity(item);
    if (key === undefined || elements.has(key)) return undefined;
    elements.set(key, item as Node);
  }
  return elements;
}

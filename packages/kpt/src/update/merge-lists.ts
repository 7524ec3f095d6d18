import { type Document, isSeq, type Node, YAMLSeq } from 'yaml';
import { detachedNode } from '../yaml/detached-node.ts';
import { interleave } from './interleave.ts';
import { type Entry, leadComment, mergedLead, setEntries } from './lead-comments.ts';
import { mergeFields, type Versions } from './merge-fields.ts';
import type { ElementIdentity, MergeShape } from './merge-shape.ts';
import { mergedOwnComments, setOwnComments } from './own-comments.ts';
import { sameValue } from './same-node.ts';

type Elements = ReadonlyMap<string, Entry<Node>>;

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
  const comments = mergedOwnComments(old, updated, local);
  const merged: [string, Entry<unknown>][] = [];
  for (const [key, { item, lead }] of mine) {
    const [was, now] = [before.get(key), after.get(key)];
    if (now === undefined) {
      if (was === undefined) merged.push([key, { item, lead }]);
      continue;
    }
    const kept = mergeFields({ old: was?.item, updated: now.item, local: item }, shape, document, true);
    if (kept !== undefined) merged.push([key, { item: kept, lead: mergedLead(was?.lead ?? '', now.lead, lead) }]);
  }
  setEntries(result, interleave(merged, newElements(before, after, mine, document), after.keys()));
  if (wasEmpty && result.items.length > 0) result.flow = isSeq(updated) && updated.flow === true;
  setOwnComments(result, comments, true);
  if (result.items.length > 0) return result;
  return (local !== undefined && wasEmpty) || (isSeq(updated) && updated.items.length === 0) ? result : undefined;
}

/** What is new upstream, and what `local` removed but upstream changed. */
function newElements(
  before: Elements,
  after: Elements,
  mine: Elements,
  document: Document,
): ReadonlyMap<string, Entry<unknown>> {
  const added = new Map<string, Entry<unknown>>();
  for (const [key, { item, lead }] of after) {
    const was = before.get(key);
    if (!mine.has(key) && (was === undefined || !sameValue(was.item, item))) {
      added.set(key, { item: detachedNode(item, document), lead });
    }
  }
  return added;
}

/** The elements by identity, none for what is no list; undefined where one has no identity or shares it. */
function elementsOf(list: unknown, identity: ElementIdentity): Elements | undefined {
  const elements = new Map<string, Entry<Node>>();
  if (!isSeq(list)) return elements;
  for (const [index, item] of list.items.entries()) {
    const key = identity(item);
    if (key === undefined || elements.has(key)) return undefined;
    elements.set(key, { item: item as Node, lead: leadComment(list, index) });
  }
  return elements;
}

import { type Document, isDocument, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLSeq } from 'yaml';
import { findPair, keyText, scalarText } from '../yaml/node-edits.ts';
import { type Entry, leadComment, linesBelowKey, setEntries, setLinesBelowKey } from './lead-comments.ts';
import { mergedOwnComments, setOwnComments } from './own-comments.ts';

/** Something that carries comments: a node or a document. */
interface Commented {
  commentBefore?: string | null;
  comment?: string | null;
}

/** Gives `local` the comments that upstream changed; its own stay where upstream did not. Looks at these nodes (or documents) alone. */
export function mergeComments(old: unknown, updated: unknown, local: unknown, hasKey = true): void {
  if (!isCommented(updated) || !isCommented(local)) return;
  if (isDocument(updated) || isDocument(local)) mergeTrailingComment(old, updated, local);
  else setOwnComments(local, mergedOwnComments(old, updated, local), hasKey);
  const [before, after] = [linesAbove(old), linesAbove(updated)];
  if (before === after) return;
  if (isMap(local) || isSeq(local)) setLinesBelowKey(local, after);
  else set(local, 'commentBefore', after);
}

/** The comment lines above a node, or a document's content; those of a mapping or list stand above its first entry. */
function linesAbove(node: unknown): string {
  if (isMap(node) || isSeq(node)) return linesBelowKey(node);
  return isCommented(node) ? (node.commentBefore ?? '') : '';
}

/** Gives `local` the comment behind or below it that upstream changed. */
function mergeTrailingComment(old: unknown, updated: Commented, local: Commented): void {
  const before = isCommented(old) ? old.comment : undefined;
  if ((updated.comment ?? '') !== (before ?? '')) set(local, 'comment', updated.comment);
}

/** Merges the comments of everything in two nodes of the same data, elements of lists matched by their place. */
export function mergeAllComments(old: unknown, updated: unknown, local: unknown, hasKey = true): void {
  mergeComments(old, updated, local, hasKey);
  if (isSeq(updated) && isSeq(local)) {
    if (updated.items.length !== local.items.length) return;
    const before = isSeq(old) ? old.items : [];
    for (const [index, item] of updated.items.entries())
      mergeAllComments(before[index], item, local.items[index], false);
  } else if (isMap(updated) && isMap(local)) {
    for (const pair of updated.items) {
      const [was, mine] = [old, local].map((map) => (isMap(map) ? findPair(map, keyText(pair.key)) : undefined));
      mergeComments(was?.key, pair.key, mine?.key);
      mergeAllComments(was?.value, pair.value, mine?.value);
    }
  }
}

/** Gives a copy of what upstream has now the comments that were written locally. */
export function keepLocalComments(old: unknown, updated: unknown, local: unknown, copy: Node): void {
  setOwnComments(copy, mergedOwnComments(old, updated, local), true);
  if (isScalar(copy) && isScalar(local)) {
    if (local.commentBefore && !copy.commentBefore) copy.commentBefore = local.commentBefore;
  } else if (isSeq(copy) && isSeq(local)) {
    keepElementComments(old, local, copy);
  }
}

/** The same for the elements of a list, which are told apart by their text; those whose text stands twice are left alone. */
function keepElementComments(old: unknown, local: unknown, copy: YAMLSeq): void {
  const [before, mine, theirs] = [scalarsOf(old), scalarsOf(local), scalarsOf(copy)];
  const entries = copy.items.map((item, index) => {
    const lead = leadComment(copy, index);
    const text = isScalar(item) ? scalarText(item) : '';
    const [was, source] = [before.get(text), mine.get(text)];
    if (!isScalar(item) || !source || was === null || theirs.get(text) === null) return { item, lead };
    if (!item.comment && source.item.comment && !was?.item.comment) item.comment = source.item.comment;
    return { item, lead: lead === '' && !was?.lead ? source.lead : lead };
  });
  setEntries(copy, entries);
}

/** The scalars of a list by their text, with the comment lines above them; null for a text that stands twice. */
type Scalars = ReadonlyMap<string, Entry<Scalar> | null>;

function scalarsOf(list: unknown): Scalars {
  const scalars = new Map<string, Entry<Scalar> | null>();
  if (!isSeq(list)) return scalars;
  for (const [index, item] of list.items.entries()) {
    if (!isScalar(item)) continue;
    const text = scalarText(item);
    scalars.set(text, scalars.has(text) ? null : { item, lead: leadComment(list, index) });
  }
  return scalars;
}

function set(target: Commented, field: keyof Commented, text: string | null | undefined): void {
  if (text) target[field] = text;
  else delete target[field];
}

function isCommented(value: unknown): value is (Node | Document) & Commented {
  return isScalar(value) || isMap(value) || isSeq(value) || isDocument(value);
}

import { type Document, isDocument, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { findPair, keyText, scalarText } from '../yaml/node-edits.ts';
import { linesBelowKey, setLinesBelowKey } from './lead-comments.ts';
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
    const [before, mine] = [scalarsOf(old), scalarsOf(local)];
    for (const item of copy.items) {
      const source = isScalar(item) ? mine.get(scalarText(item)) : undefined;
      if (!isScalar(item) || source === undefined) continue;
      const was = before.get(scalarText(item));
      if (!item.comment && source.comment && !was?.comment) item.comment = source.comment;
      if (!item.commentBefore && source.commentBefore && !was?.commentBefore) item.commentBefore = source.commentBefore;
    }
  }
}

function scalarsOf(list: unknown): ReadonlyMap<string, Scalar> {
  const scalars = isSeq(list) ? list.items.filter((item) => isScalar(item)) : [];
  return new Map(scalars.map((scalar) => [scalarText(scalar), scalar]));
}

function set(target: Commented, field: keyof Commented, text: string | null | undefined): void {
  if (text) target[field] = text;
  else delete target[field];
}

function isCommented(value: unknown): value is (Node | Document) & Commented {
  return isScalar(value) || isMap(value) || isSeq(value) || isDocument(value);
}

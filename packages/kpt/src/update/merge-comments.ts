import { type Document, isDocument, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { hasKeyComment, setKeyComment } from '../yaml/key-comments.ts';
import { findPair, keyText, scalarText } from '../yaml/node-edits.ts';

/** Something that carries comments: a node or a document. */
interface Commented {
  commentBefore?: string | null;
  comment?: string | null;
}

/** Gives `local` the comments that upstream changed; its own stay where upstream did not. Looks at these nodes (or documents) alone. */
export function mergeComments(old: unknown, updated: unknown, local: unknown): void {
  if (!isCommented(updated) || !isCommented(local)) return;
  mergeTrailingComment(old, updated, local);
  const before: Commented = isCommented(old) ? old : {};
  if ((updated.commentBefore ?? '') === (before.commentBefore ?? '')) return;
  if (!hasKeyComment(updated)) {
    if (!hasKeyComment(local)) set(local, 'commentBefore', updated.commentBefore);
  } else if (isMap(local) || isSeq(local)) {
    local.commentBefore = null;
    setKeyComment(local, updated.commentBefore ?? '');
  }
}

/** Gives `local` the comment behind or below it that upstream changed. */
export function mergeTrailingComment(old: unknown, updated: unknown, local: unknown): void {
  if (!isCommented(updated) || !isCommented(local)) return;
  const before = isCommented(old) ? old.comment : undefined;
  if ((updated.comment ?? '') !== (before ?? '')) set(local, 'comment', updated.comment);
}

/** Merges the comments of everything in two nodes of the same data, elements of lists matched by their place. */
export function mergeAllComments(old: unknown, updated: unknown, local: unknown): void {
  mergeComments(old, updated, local);
  if (isSeq(updated) && isSeq(local)) {
    if (updated.items.length !== local.items.length) return;
    const before = isSeq(old) ? old.items : [];
    for (const [index, item] of updated.items.entries()) mergeAllComments(before[index], item, local.items[index]);
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
  if (isScalar(copy) && isScalar(local)) {
    const [before, after] = [isScalar(old) ? old : undefined, isScalar(updated) ? updated : undefined];
    if (local.comment && (after?.comment ?? '') === (before?.comment ?? '')) copy.comment = local.comment;
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

import { isMap, isScalar, isSeq } from 'yaml';
import { keyComment } from '../yaml/key-comments.ts';
import { isOnLine } from '../yaml/says-same.ts';
import { setCommentBesideKey } from './lead-comments.ts';

/** The comments of a value itself, wherever its style puts them. */
export interface OwnComments {
  /** On the line of its key, or behind its brackets or its text. */
  readonly beside: string;
  /** Below the last entry of a block. */
  readonly below: string;
}

/** The comments that a value has; none where there is no value. */
function ownComments(node: unknown): OwnComments {
  if (isScalar(node)) return { beside: node.comment ?? '', below: '' };
  if (!isMap(node) && !isSeq(node)) return { beside: '', below: '' };
  if (isOnLine(node)) return { beside: node.comment ?? '', below: '' };
  return { beside: keyComment(node) ?? '', below: node.comment ?? '' };
}

/** The comments that upstream changed as upstream has them now, the others as they are locally. */
export function mergedOwnComments(old: unknown, updated: unknown, local: unknown): OwnComments {
  const mine = ownComments(local);
  if (updated === undefined) return mine;
  const [before, after] = [ownComments(old), ownComments(updated)];
  return {
    beside: after.beside === before.beside ? mine.beside : after.beside,
    below: after.below === before.below ? mine.below : after.below,
  };
}

/**
 * Gives a value these comments.
 *
 * @param hasKey - whether it is the value of a key; where it is not, nothing can stand beside a block
 */
export function setOwnComments(node: unknown, { beside, below }: OwnComments, hasKey: boolean): void {
  if (isScalar(node)) setComment(node, beside);
  if (!isMap(node) && !isSeq(node)) return;
  if (isOnLine(node)) {
    if (keyComment(node) !== undefined) setCommentBesideKey(node, '');
    node.flow = true;
    setComment(node, beside || below);
    return;
  }
  setComment(node, below);
  if (hasKey && (keyComment(node) ?? '') !== beside) setCommentBesideKey(node, beside);
}

function setComment(node: { comment?: string | null }, text: string): void {
  if ((node.comment ?? '') === text) return;
  if (text === '') delete node.comment;
  else node.comment = text;
}

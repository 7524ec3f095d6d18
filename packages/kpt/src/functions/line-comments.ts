import { isScalar, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { keyComment, setKeyComment } from '../yaml/key-comments.ts';
import type { KrmObject } from '../yaml/krm-object.ts';

/** Whether an object's file can have comments: JSON has none. */
export function canHaveComments({ path }: KrmObject): boolean {
  return !path?.endsWith('.json');
}

/** The comment on the line of a scalar, without its `#`; undefined where there is none. */
export function lineComment(scalar: Scalar): string | undefined {
  return scalar.comment?.split('\n', 1)[0];
}

/** Puts a comment, given without `#`, on a scalar's line, replacing the one there. */
export function setLineComment(scalar: Scalar, comment: string): void {
  const [, ...others] = scalar.comment?.split('\n') ?? [];
  scalar.comment = [` ${comment}`, ...others].join('\n');
}

/** The comment of a list: after its key, or, where it is written in brackets, after the closing one. */
export function listComment(list: YAMLSeq): string | undefined {
  return list.flow ? list.comment?.split('\n', 1)[0] : keyComment(list);
}

/**
 * Writes a list of a mapping with one item a line and its comment (without `#`) after the key; in brackets, with the comment after
 * them, where the mapping is in brackets itself.
 */
export function commentList(list: YAMLSeq, comment: string, parent: YAMLMap): void {
  if (parent.flow) {
    list.flow = true;
    list.comment = [comment, ...(list.comment?.split('\n').slice(1) ?? [])].join('\n');
  } else makeBlockList(list, comment);
}

function makeBlockList(list: YAMLSeq, comment: string): void {
  if (list.flow) {
    const [, ...others] = list.comment?.split('\n') ?? [];
    list.comment = others.length > 0 ? others.join('\n') : null;
    // Where the brackets stood says nothing of how the document indents lists.
    delete list.range;
  }
  list.flow = false;
  setKeyComment(list, comment);
}

/** Writes a list of a mapping as `[]`, its comment (without `#`) after the bracket. Other lines of comments come before its key. */
export function makeEmptyList(list: YAMLSeq, comment: string, parent: YAMLMap): void {
  const before = list.commentBefore?.split('\n').slice(keyComment(list) === undefined ? 0 : 1) ?? [];
  const after = list.comment?.split('\n').slice(list.flow ? 1 : 0) ?? [];
  const others = [...before, ...after].filter((line) => line !== '');
  const key = parent.items.find(({ value }) => value === list)?.key;
  if (others.length > 0 && isScalar(key)) {
    key.commentBefore = [...(key.commentBefore ? [key.commentBefore] : []), ...others].join('\n');
  }
  list.commentBefore = null;
  list.items = [];
  list.flow = true;
  list.comment = comment;
}

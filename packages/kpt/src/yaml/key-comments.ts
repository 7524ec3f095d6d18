import { isAlias, isMap, isSeq, type Node, visit, type YAMLMap, type YAMLSeq } from 'yaml';

const mark = Symbol('comment on the line of the key');
type Marked = (YAMLMap | YAMLSeq) & { [mark]?: boolean };

/**
 * The comment after the key of a block mapping or sequence, on the key's own line (`metadata: # like this`). The parser
 * counts it among the comments before the value; this module remembers which ones stood beside their key.
 */
export function keyComment(value: unknown): string | undefined {
  return hasKeyComment(value) ? value.commentBefore?.split('\n', 1)[0] : undefined;
}

/** Puts a comment (without its `#`) on the line of the key that holds this block value, replacing the one there. */
export function setKeyComment(value: YAMLMap | YAMLSeq, comment: string): void {
  const lines = value.commentBefore?.split('\n') ?? [];
  if (hasKeyComment(value)) lines.shift();
  value.commentBefore = [comment, ...lines].join('\n');
  (value as Marked)[mark] = true;
}

/** Lets no comment of a block stand on the line of its key, which it may not have any more. */
export function detachKeyComment(value: YAMLMap | YAMLSeq): void {
  delete (value as Marked)[mark];
}

/** Whether the first comment line of a value stands on its key's line. */
export function hasKeyComment(value: unknown): value is YAMLMap | YAMLSeq {
  return (isMap(value) || isSeq(value)) && (value as Marked)[mark] === true && Boolean(value.commentBefore);
}

/** Finds the key comments of a freshly parsed document. */
export function markKeyComments(contents: Node | null, text: string): void {
  visit(contents, {
    Pair(_, { key, value }) {
      if (!(isMap(value) || isSeq(value)) || value.flow || !value.commentBefore) return;
      const keyEnd = (key as Node | null)?.range?.[1];
      if (keyEnd === undefined) return;
      const newline = text.indexOf('\n', keyEnd);
      const line = text.slice(keyEnd, newline < 0 ? undefined : newline);
      if (/^\s*:(\s+[!&]\S+)*\s+#/.test(line)) (value as Marked)[mark] = true;
    },
  });
}

/** Gives an item of a sequence that takes the place of an alias the alias's comment, above it where it is a block. */
export function itemFor<T>(old: unknown, item: T): T {
  if (isAlias(old) && old.comment && (isMap(item) || isSeq(item))) item.commentBefore ??= old.comment;
  return item;
}

const placeholder = '\u0001';

/** Prints with key comments where they were, given a function that prints with comments before the value. */
export function printWithKeyComments(root: unknown, print: () => string): string {
  const marked: { node: YAMLMap | YAMLSeq; comment: string }[] = [];
  visit(root as Node, {
    Collection(_, node) {
      if (!hasKeyComment(node) || !node.commentBefore || node.flow || node.items.length === 0) return;
      marked.push({ node, comment: node.commentBefore });
    },
  });
  if (marked.length === 0) return print();
  for (const { node, comment } of marked) node.commentBefore = `${placeholder}${comment}`;
  try {
    // A blank line that stood behind the key stands behind the comment.
    return print().replaceAll(/(?<![\n ])((?:\n *)*)\n *#\u0001([^\n]*)/g, ' #$2$1');
  } finally {
    for (const { node, comment } of marked) node.commentBefore = comment;
  }
}

import { type Document, isAlias, isNode, isPair, type Node, visit } from 'yaml';

/**
 * A copy of a node for use in another document: with comments and quotes, without its place in the old text, and with what
 * its aliases stand for in place of them.
 */
export function detachedNode(node: Node, document: Document): Node {
  let copy = node.clone() as Node;
  if (isAlias(copy)) copy = detachedNode(copy.resolve(document) ?? document.createNode(null), document);
  visit(copy, {
    Alias: (_, alias) => {
      const target = alias.resolve(document);
      return target === undefined ? document.createNode(null) : detachedNode(target, document);
    },
    Node: (_, entry) => forgetPlace(entry),
    Pair: (_, pair) => {
      delete pair.srcToken;
      for (const part of [pair.key, pair.value]) if (isNode(part)) forgetPlace(part);
    },
  });
  if (!isPair(copy)) forgetPlace(copy);
  return copy;
}

function forgetPlace(node: Node): undefined {
  delete node.range;
  delete node.srcToken;
  if ('anchor' in node) delete node.anchor;
  return undefined;
}

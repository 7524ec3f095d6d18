import { type Alias, isAlias, isNode, isPair, isSeq, type Node, visit } from 'yaml';
import { AliasTargets } from './alias-targets.ts';
import { detachedNode } from './detached-node.ts';
import { itemFor } from './key-comments.ts';
import { fillField } from './node-edits.ts';
import type { ResourceDocument } from './resource-document.ts';

/**
 * Remembers what the aliases of documents stand for, before they are changed. The function that it answers is called afterwards: it puts
 * that in the place of each alias whose anchor has gone since, or stands after it.
 *
 * @throws Error, when called afterwards, where aliases stand for too much to be written out
 */
export function keepAliases(documents: readonly ResourceDocument[]): () => void {
  const kept = documents
    .filter(({ origin }) => origin?.text.includes('&') && origin.text.includes('*'))
    .map((resource) => ({ resource, targets: new AliasTargets(resource.document).find() }));
  return () => {
    for (const { resource, targets } of kept) restore(resource, targets);
  };
}

function restore({ document }: ResourceDocument, targets: AliasTargets): void {
  const copies = lostAliases(document.contents, targets).map(
    (alias) => [alias, detachedNode(alias, document, targets)] as const,
  );
  if (copies.length === 0) return;
  const copyOf = new Map<unknown, Node>(copies);
  visit(document, {
    Alias(key, alias, path) {
      const copy = copyOf.get(alias);
      const parent = path.at(-1);
      if (copy === undefined) return undefined;
      if (isPair(parent) && key === 'value') fillField(parent, () => copy);
      else if (isSeq(parent)) parent.items[Number(key)] = itemFor(alias, copy);
      else return copy;
      return visit.SKIP;
    },
  });
}

/** The aliases that stand for something else than before, or for nothing. What a new node with their anchor says they say too. */
function lostAliases(contents: Node | null, targets: AliasTargets): readonly Alias[] {
  const anchors = new Map<string, Node>();
  const lost: Alias[] = [];
  visit(contents, (_, node) => {
    if (isAlias(node)) {
      const before = targets.resolve(node);
      const now = anchors.get(node.source);
      if (before !== undefined && before !== now && (now === undefined || targets.hadAnchor(now))) lost.push(node);
    } else if (isNode(node) && 'anchor' in node && node.anchor) anchors.set(node.anchor, node);
  });
  return lost;
}

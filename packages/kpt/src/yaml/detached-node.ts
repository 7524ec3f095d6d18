import { type Alias, type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import { AliasTargets } from './alias-targets.ts';
import { detachKeyComment, itemFor, setKeyComment } from './key-comments.ts';

/** How many nodes a copy may have in place of aliases. Aliases of aliases can stand for more than any memory holds. */
const mostNodesOfAliases = 100_000;

/**
 * A copy of a node for use in another document: with comments and quotes, without its place in the old text, and with what
 * its aliases stand for in place of them, beside the comments of the aliases.
 *
 * @param targets - gives what an alias stands for; found in the document unless given
 * @throws Error where aliases stand for too much, or for what they are part of
 */
export function detachedNode(
  node: Node,
  document: Document,
  targets: Pick<AliasTargets, 'resolve'> = new AliasTargets(document),
): Node {
  return new Detacher(document, targets).copy(node);
}

class Detacher {
  readonly #document: Document;
  readonly #targets: Pick<AliasTargets, 'resolve'>;
  /** What the aliases stand for that are being copied, one within the other. */
  readonly #open = new Set<Node>();
  #nodesOfAliases = 0;

  constructor(document: Document, targets: Pick<AliasTargets, 'resolve'>) {
    this.#document = document;
    this.#targets = targets;
  }

  copy(node: Node): Node {
    if (this.#open.size > 0) this.#nodesOfAliases += 1;
    if (this.#nodesOfAliases > mostNodesOfAliases) throw new Error('aliases stand for too many nodes to be copied');
    if (isAlias(node)) {
      const copy = this.#target(node);
      // Comments around the anchor's value stay there; where the alias's own goes beside a collection depends on what that is in.
      copy.comment = isScalar(copy) ? node.comment : null;
      copy.commentBefore = null;
      if (isMap(copy) || isSeq(copy)) detachKeyComment(copy);
      return copy;
    }
    const copy: Node = Object.create(Object.getPrototypeOf(node), Object.getOwnPropertyDescriptors(node));
    delete copy.range;
    delete copy.srcToken;
    if (isScalar(copy) || isMap(copy) || isSeq(copy)) delete copy.anchor;
    if (isMap(node) && isMap(copy)) {
      copy.items = node.items.map(({ key, value }) => {
        const pair = this.#document.createPair(this.#part(key), this.#part(value));
        if (isAlias(value) && value.comment && (isMap(pair.value) || isSeq(pair.value))) {
          setKeyComment(pair.value, value.comment);
        }
        return pair;
      });
    } else if (isSeq(node) && isSeq(copy)) {
      copy.items = node.items.map((item) => itemFor(item, this.#part(item)));
    }
    return copy;
  }

  #target(alias: Alias): Node {
    const target = this.#targets.resolve(alias);
    if (!isNode(target)) return this.#document.createNode(null);
    if (this.#open.has(target)) throw new Error(`the alias *${alias.source} stands for something that it is part of`);
    this.#open.add(target);
    const copy = this.copy(target);
    this.#open.delete(target);
    return copy;
  }

  #part(value: unknown): unknown {
    return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value) ? this.copy(value) : value;
  }
}

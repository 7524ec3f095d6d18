import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { detachKeyComment, itemFor, setKeyComment } from '../yaml/key-comments.ts';

/** How many nodes a copy may have. Aliases of aliases can stand for more than any memory holds. */
const largestCopy = 100_000;

/**
 * A copy of a node for use in another document: with comments and quotes, without its place in the old text, and with what
 * its aliases stand for in place of them, beside the comments of the aliases.
 *
 * @throws Error where the copy would be too large
 */
export function detachedNode(node: Node, document: Document): Node {
  return new Detacher(document).copy(node);
}

class Detacher {
  readonly #document: Document;
  /** Finding a target means a walk through the whole document. */
  readonly #targets = new Map<Alias, Node | undefined>();
  #count = 0;

  constructor(document: Document) {
    this.#document = document;
  }

  copy(node: Node): Node {
    this.#count += 1;
    if (this.#count > largestCopy) throw new Error('the value has too many nodes, aliases included, to be copied');
    if (isAlias(node)) {
      const target = this.#resolve(node);
      const copy = target === undefined ? this.#document.createNode(null) : this.copy(target);
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

  #resolve(alias: Alias): Node | undefined {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #part(value: unknown): unknown {
    return isAlias(value) || isScalar(value) || isMap(value) || isSeq(value) ? this.copy(value) : value;
  }
}

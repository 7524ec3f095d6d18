import { type Alias, type Document, isAlias, isNode, type Node, visit } from 'yaml';

/** What the aliases of a document stand for, found in one pass when first asked. */
export class AliasTargets {
  readonly #document: Document;
  #targets: Map<Alias, Node | undefined> | undefined;
  readonly #anchored = new Set<Node>();

  constructor(document: Document) {
    this.#document = document;
  }

  /** Looks now, before the document changes. */
  find(): this {
    this.#targets ??= this.#find();
    return this;
  }

  /** The node itself, or what it stands for; undefined for an alias of nothing. */
  resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    this.#targets ??= this.#find();
    return this.#targets.get(node);
  }

  /** Whether the node had an anchor when the document was looked at. */
  hadAnchor(node: Node): boolean {
    this.find();
    return this.#anchored.has(node);
  }

  #find(): Map<Alias, Node | undefined> {
    const anchors = new Map<string, Node>();
    const targets = new Map<Alias, Node | undefined>();
    visit(this.#document, (_, node) => {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (isNode(node) && 'anchor' in node && node.anchor) {
        anchors.set(node.anchor, node);
        this.#anchored.add(node);
      }
    });
    return targets;
  }
}

import { type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { AliasTargets } from './alias-targets.ts';
import { hasMergeKey, MergedPairs } from './merged-pairs.ts';
import { keyText } from './node-edits.ts';

/** How many nodes a document may stand for. Aliases of aliases can stand for more than any memory holds. */
const mostNodes = 1_000_000;

/**
 * A node of a document as plain data, as readers of YAML 1.1 see it, Kubernetes among them: with what mappings merge.
 *
 * @param node - the whole document unless given
 * @throws Error where aliases stand for too much, or for what they are part of; MergeError where something is merged that is no mapping
 */
export function mergedData(document: Document, node: Node | null = document.contents): unknown {
  if (node === null || isScalar(node)) return node?.value ?? null;
  return repeatsAnything(node) ? new Converter(document).data(node) : node.toJS(document);
}

/** Whether there are aliases, or merge keys. */
function repeatsAnything(node: Node): boolean {
  let found = false;
  visit(node, {
    Node(_, inner) {
      if (!isAlias(inner) && !(isMap(inner) && hasMergeKey(inner))) return;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

class Converter {
  readonly #aliases: AliasTargets;
  readonly #merges: MergedPairs;
  /** What is being read, one within the other. */
  readonly #open = new Set<unknown>();
  #count = 0;

  constructor(document: Document) {
    this.#aliases = new AliasTargets(document);
    this.#merges = new MergedPairs((node) => this.#aliases.resolve(node));
  }

  data(given: unknown): unknown {
    this.#count += 1;
    if (this.#count > mostNodes) throw new Error('the document stands for too many values, aliases included');
    const node = this.#aliases.resolve(given);
    if (!isMap(node) && !isSeq(node)) return isScalar(node) ? node.value : null;
    if (this.#open.has(node)) throw new Error('an alias stands for something that it is part of');
    this.#open.add(node);
    const data = isMap(node)
      ? Object.fromEntries(this.#merges.of(node).map(({ key, value }) => [keyText(key), this.data(value)]))
      : node.items.map((item) => this.data(item));
    this.#open.delete(node);
    return data;
  }
}

import { type Document, isMap, isScalar, isSeq, visit } from 'yaml';
import { AliasTargets } from './alias-targets.ts';
import { hasMergeKey, MergedPairs } from './merged-pairs.ts';
import { keyText } from './node-edits.ts';

/** How many nodes a document may stand for. Aliases of aliases can stand for more than any memory holds. */
const mostNodes = 1_000_000;

/**
 * A document as plain data, as readers of YAML 1.1 see it, Kubernetes among them: with what mappings merge.
 *
 * @throws Error where aliases stand for too much; MergeError where something is merged that is no mapping
 */
export function mergedData(document: Document): unknown {
  return mergesAnything(document) ? new Converter(document).data(document.contents) : document.toJS();
}

function mergesAnything(document: Document): boolean {
  let found = false;
  visit(document, {
    Map(_, map) {
      if (!hasMergeKey(map)) return;
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

class Converter {
  readonly #aliases: AliasTargets;
  readonly #merges: MergedPairs;
  #count = 0;

  constructor(document: Document) {
    this.#aliases = new AliasTargets(document);
    this.#merges = new MergedPairs((node) => this.#aliases.resolve(node));
  }

  data(given: unknown): unknown {
    this.#count += 1;
    if (this.#count > mostNodes) throw new Error('the document stands for too many values, aliases included');
    const node = this.#aliases.resolve(given);
    if (isMap(node)) {
      return Object.fromEntries(this.#merges.of(node).map(({ key, value }) => [keyText(key), this.data(value)]));
    }
    if (isSeq(node)) return node.items.map((item) => this.data(item));
    return isScalar(node) ? node.value : null;
  }
}

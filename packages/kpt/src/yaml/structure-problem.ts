import { isAlias, isCollection, isMap, isScalar, type YAMLMap } from 'yaml';
import { keyText } from './node-edits.ts';

/** How deep mappings and sequences may stand in one another: far more than resources need, far less than a thread's stack can bear. */
const mostDepth = 500;

/** Something in a document that the parser takes and we do not, and where it is in the text. */
export interface StructureProblem {
  readonly reason: string;
  readonly offset: number;
}

/** What is said of a document that is nested too deep. */
export const tooDeep = `mappings and sequences are nested more than ${mostDepth} levels deep`;

/**
 * The first key below a node that stands twice in one mapping, the first node that stands too deep, or the first alias of an anchor that
 * does not come before it. The parser's own check of keys compares every one with every other, which takes seconds for a mapping of
 * some thousand.
 */
export function findStructureProblem(node: unknown): StructureProblem | undefined {
  return new Search().problem(node, 0);
}

class Search {
  readonly #anchors = new Set<string>();

  problem(node: unknown, depth: number): StructureProblem | undefined {
    if (isAlias(node)) {
      if (this.#anchors.has(node.source)) return undefined;
      return { reason: `unknown anchor '${node.source}' referenced`, offset: node.range?.[0] ?? 0 };
    }
    if ((isScalar(node) || isCollection(node)) && node.anchor) this.#anchors.add(node.anchor);
    if (!isCollection(node)) return undefined;
    if (depth >= mostDepth) return { reason: tooDeep, offset: node.range?.[0] ?? 0 };
    return isMap(node) ? this.#inMapping(node, depth) : this.#first(node.items, depth);
  }

  #inMapping(map: YAMLMap, depth: number): StructureProblem | undefined {
    const seen = new Set<string>();
    for (const { key, value } of map.items) {
      const text = keyText(key);
      if (seen.has(text) && text !== '<<' && isScalar(key)) {
        const reason = `key ${JSON.stringify(text)} stands twice in one mapping`;
        return { reason, offset: key.range?.[0] ?? 0 };
      }
      seen.add(text);
      const inside = this.#first([key, value], depth);
      if (inside !== undefined) return inside;
    }
    return undefined;
  }

  #first(nodes: readonly unknown[], depth: number): StructureProblem | undefined {
    for (const node of nodes) {
      const problem = this.problem(node, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

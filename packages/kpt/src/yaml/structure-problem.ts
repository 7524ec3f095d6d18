import { isCollection, isMap, isScalar } from 'yaml';
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
 * The first key below a node that stands twice in one mapping, or the first node that stands too deep. The parser's own check of keys
 * compares every one with every other, which takes seconds for a mapping of some thousand.
 */
export function findStructureProblem(node: unknown, depth = 0): StructureProblem | undefined {
  if (!isCollection(node)) return undefined;
  if (depth >= mostDepth) return { reason: tooDeep, offset: node.range?.[0] ?? 0 };
  if (!isMap(node)) return firstProblem(node.items, depth);
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const text = keyText(key);
    if (seen.has(text) && text !== '<<' && isScalar(key)) {
      const reason = `key ${JSON.stringify(text)} stands twice in one mapping`;
      return { reason, offset: key.range?.[0] ?? 0 };
    }
    seen.add(text);
    const inside = findStructureProblem(key, depth + 1) ?? findStructureProblem(value, depth + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function firstProblem(items: readonly unknown[], depth: number): StructureProblem | undefined {
  for (const item of items) {
    const problem = findStructureProblem(item, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

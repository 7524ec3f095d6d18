import { isCollection, isMap, type Scalar } from 'yaml';
import { keyText } from './node-edits.ts';

/** A key that stands twice in one mapping, and where the second one is in the text. */
export interface DuplicateKey {
  readonly key: string;
  readonly offset: number;
}

/**
 * The first key below a node that stands twice in one mapping. The parser's own check compares every key with every other, which
 * takes seconds for a mapping of some thousand keys.
 */
export function findDuplicateKey(node: unknown): DuplicateKey | undefined {
  if (isMap(node)) {
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const text = keyText(key);
      if (seen.has(text) && text !== '<<') return { key: text, offset: (key as Scalar | null)?.range?.[0] ?? 0 };
      seen.add(text);
      const inside = isCollection(key) ? (findDuplicateKey(key) ?? findDuplicateKey(value)) : findDuplicateKey(value);
      if (inside !== undefined) return inside;
    }
    return undefined;
  }
  if (!isCollection(node)) return undefined;
  for (const item of node.items) {
    const inside = findDuplicateKey(item);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

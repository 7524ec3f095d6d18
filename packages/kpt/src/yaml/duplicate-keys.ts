import { type Document, type Scalar, visit } from 'yaml';
import { keyText } from './node-edits.ts';

/**
 * The first key that stands twice in one mapping. The parser's own check compares every key with every other, which takes
 * seconds for a mapping of some thousand keys.
 */
export function findDuplicateKey(document: Document): { readonly key: string; readonly offset: number } | undefined {
  let found: { key: string; offset: number } | undefined;
  visit(document.contents, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        if (seen.has(text) && text !== '<<') {
          found = { key: text, offset: (key as Scalar | null)?.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(text);
      }
      return undefined;
    },
  });
  return found;
}

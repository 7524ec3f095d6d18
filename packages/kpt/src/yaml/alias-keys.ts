import { type Document, isAlias, isScalar, visit } from 'yaml';
import { AliasTargets } from './alias-targets.ts';

/**
 * Puts what an alias stands for in place of each key of a mapping that is one, `*name: value`, so that fields are found by what they are
 * called. In the text the alias stays as long as its line does. Keys that stand for mappings and sequences are left.
 */
export function resolveAliasKeys(document: Document, text: string): void {
  if (!text.includes('&') || !text.includes('*')) return;
  const targets = new AliasTargets(document);
  visit(document, {
    Pair(_, pair) {
      const { key } = pair;
      const target = targets.resolve(key);
      if (!isAlias(key) || !isScalar(target)) return;
      const { range, comment, commentBefore, spaceBefore } = key;
      pair.key = Object.assign(target.clone(), { anchor: undefined, range, comment, commentBefore, spaceBefore });
    },
  });
}

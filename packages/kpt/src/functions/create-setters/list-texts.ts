import { type Document, isScalar, type YAMLSeq } from 'yaml';
import { resolveAlias, scalarText } from '../../yaml/node-edits.ts';
import { meaningOf } from '../../yaml/says-same.ts';

/** The texts of a list's items, sorted, as results show them; items that are no scalars count as empty. */
export function listTexts(list: YAMLSeq): string[] {
  return list.items.map((item) => (isScalar(item) ? scalarText(item) : '')).sort();
}

/** What two lists have in common that hold the same items, in whatever order. */
export function listContent(list: YAMLSeq, document: Document): readonly string[] {
  const content = list.items.map((item) => {
    const node = resolveAlias(document, item);
    return isScalar(node) ? scalarText(node) : `\0${meaningOf(node)}`;
  });
  return content.sort();
}

import { type Document, isScalar, visit } from 'yaml';

/**
 * Makes merge keys with their tag, `!!merge <<`, merge keys like those without: kpt writes that tag to all of them. The parser has a symbol
 * for their text, also in documents that say that they are YAML 1.1, which can neither be read nor printed as a key.
 */
export function plainMergeKeys(document: Document, text: string): void {
  if (!/!!merge|!<|^%/m.test(text)) return;
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || typeof key.value !== 'symbol') return;
      key.value = '<<';
      delete key.tag;
      if ('addToJSMap' in key) delete key.addToJSMap;
    },
  });
}

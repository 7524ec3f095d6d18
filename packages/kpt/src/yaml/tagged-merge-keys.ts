import { type Document, type Scalar, visit } from 'yaml';

/**
 * Makes merge keys with their tag, `!!merge <<`, merge keys like those without: kpt writes that tag to all of them. The parser has a symbol
 * for whatever has the tag, and for `<<` in documents that say that they are YAML 1.1, which can neither be read nor printed; here it has
 * its text again.
 */
export function plainMergeKeys(document: Document, text: string): void {
  if (!/!!merge|!<|^%/m.test(text)) return;
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'symbol') becomeText(scalar);
    },
  });
}

function becomeText(scalar: Scalar): void {
  scalar.value = scalar.source ?? '<<';
  delete scalar.tag;
  if ('addToJSMap' in scalar) delete scalar.addToJSMap;
}

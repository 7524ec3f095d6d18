import { type Document, isSeq, type YAMLSeq } from 'yaml';
import { parseText } from '../../yaml/parse-text.ts';

/** The list that a setter's value is in YAML, and the document it is in; undefined for other values. */
export function parsedList(value: string): { readonly list: YAMLSeq; readonly document: Document } | undefined {
  try {
    const document = parseText(value);
    return isSeq(document.contents) ? { list: document.contents, document } : undefined;
  } catch {
    // Text that is no YAML is no list either.
    return undefined;
  }
}

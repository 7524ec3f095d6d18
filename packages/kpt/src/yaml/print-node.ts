import { Document, isCollection, isDocument, type ToStringOptions } from 'yaml';
import { printWithKeyComments } from './key-comments.ts';
import type { SequenceIndent } from './layout.ts';

/** Prints a whole document, or one node as if it were a document, ending with a newline. */
export function printYaml(root: unknown, indent: SequenceIndent): string {
  const options: ToStringOptions = {
    lineWidth: 0,
    indentSeq: indent === 'wide',
    flowCollectionPadding: false,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    verifyAliasOrder: false,
    singleQuote: null,
  };
  if (isDocument(root)) return printWithKeyComments(root.contents, () => root.toString(options));
  const document = new Document(null, { compat: 'yaml-1.1', logLevel: 'error' });
  document.contents = root as NonNullable<Document['contents']>;
  // A comment before a top mapping would become the document's own, with a blank line after it.
  const commentBefore = isCollection(root) ? root.commentBefore : undefined;
  if (isCollection(root)) delete root.commentBefore;
  try {
    return printWithKeyComments(root, () => document.toString(options));
  } finally {
    if (isCollection(root) && commentBefore !== undefined) root.commentBefore = commentBefore;
  }
}

/** Indents every line but empty ones. */
export function indentLines(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}

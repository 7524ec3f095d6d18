import {
  Document,
  isCollection,
  isDocument,
  type Scalar,
  type ToStringOptions,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { printWithKeyComments } from './key-comments.ts';
import type { SequenceIndent } from './layout.ts';
import { needsQuotesInBrackets, spelledText } from './spelled-text.ts';

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
  if (isDocument(root)) {
    return withPrintableNodes(root, () => printWithKeyComments(root.contents, () => root.toString(options)));
  }
  const document = new Document(null, { compat: 'yaml-1.1', logLevel: 'error' });
  document.contents = root as NonNullable<Document['contents']>;
  // A comment before a top mapping would become the document's own, with a blank line after it.
  const commentBefore = isCollection(root) ? root.commentBefore : undefined;
  if (isCollection(root)) delete root.commentBefore;
  try {
    return withPrintableNodes(document, () => printWithKeyComments(root, () => document.toString(options)));
  } finally {
    if (isCollection(root) && commentBefore !== undefined) root.commentBefore = commentBefore;
  }
}

/**
 * Prints numbers as they were written, not as the nearest number or in another notation; words that were written without quotes
 * without them, even where YAML 1.1 takes them for something else; what others would not read as the text that it is, lines of text in
 * brackets, and no lines beside a comment, in quotes; and empty collections on the line of their key, even where a blank line stood before
 * their content.
 */
function withPrintableNodes(document: Document, print: () => string): string {
  const replaced = new Map<Scalar, Pick<Scalar, 'value' | 'type'>>();
  const words: string[] = [];
  visit(document, {
    Scalar(_, scalar, ancestors) {
      const { value, type } = scalar;
      const spelled = spelledText(scalar);
      if (spelled !== undefined) {
        replaced.set(scalar, { value, type });
        scalar.type = 'PLAIN';
        scalar.value = `\ue000${words.push(spelled) - 1}\ue001`;
      } else if (isWrittenNumber(scalar) || isAmbiguousWord(document, scalar) || isForeignValue(document, scalar)) {
        replaced.set(scalar, { value, type });
        scalar.value = `\ue000${words.push(onOneLine(scalar.source ?? '')) - 1}\ue001`;
      } else if (isEmptyBlock(scalar)) {
        replaced.set(scalar, { value, type });
        scalar.type = 'QUOTE_DOUBLE';
      } else if (isUnquotedText(scalar) && ancestors.some((each) => isCollection(each) && each.flow)) {
        replaced.set(scalar, { value, type });
        scalar.type = 'QUOTE_DOUBLE';
      }
    },
    Collection(_, collection) {
      if (collection.items.length === 0) keepOnLine(collection);
    },
  });
  try {
    const printed = print();
    return words.length === 0 ? printed : printed.replaceAll(/\ue000(\d+)\ue001/g, (_, index) => words[index] ?? '');
  } finally {
    for (const [scalar, before] of replaced) Object.assign(scalar, before);
  }
}

/** A text that goes on over several lines, without their ends and the white space around them. */
function onOneLine(text: string): string {
  const lines = text.split('\n');
  const last = lines.length - 1;
  return lines
    .map((line, index) => (index === 0 ? line : line.trimStart()))
    .map((line, index) => (index === last ? line : line.trimEnd()))
    .join('');
}

/** Lets nothing stand before the brackets of an empty collection, which then would have to stand on a line of their own. */
function keepOnLine(collection: YAMLMap | YAMLSeq): void {
  const { spaceBefore, commentBefore, comment } = collection;
  if (spaceBefore) delete collection.spaceBefore;
  if (!commentBefore) return;
  delete collection.commentBefore;
  collection.flow = true;
  const lines = [commentBefore, comment].flatMap((text) => text?.split('\n') ?? []).map((line) => line.trim());
  collection.comment = ` ${lines.filter((line) => line !== '').join(' ')}`;
}

/** Whether a number stands in the text as its source says. */
function isWrittenNumber({ value, source, tag }: Scalar): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && source !== undefined && source !== '' && !tag;
}

/** Whether a value is bytes or a time, for which the schema has no type: it was read with another one. */
function isForeignValue({ schema }: Document, { value, source, tag }: Scalar): boolean {
  if (typeof value !== 'object' || value === null || source === undefined) return false;
  return !schema.tags.some((known) => (tag ? known.tag === tag : known.identify?.(value)));
}

/** Whether a text that needs quotes in brackets has none: fine in a block. */
function isUnquotedText({ value, type }: Scalar): boolean {
  return typeof value === 'string' && !type?.startsWith('QUOTE') && needsQuotesInBrackets(value);
}

/** Whether a text is a block without lines, into which a comment beside it would fall. */
function isEmptyBlock({ value, type, comment }: Scalar): boolean {
  return value === '' && type?.startsWith('BLOCK') === true && Boolean(comment);
}

/** Whether a string stands in the text without quotes, although the printer would put some around it. */
function isAmbiguousWord({ schema }: Document, { value, source, type, tag }: Scalar): boolean {
  if (typeof value !== 'string' || type !== 'PLAIN' || value !== source) return false;
  // What a tag makes a number or a truth of is printed as that.
  if (tag && /:(?:float|int|bool|null)$/.test(tag)) return false;
  return (
    schema.compat?.some(
      (tag) => 'test' in tag && tag.default !== undefined && tag.default !== false && tag.test?.test(value),
    ) === true
  );
}

/** Indents every line but empty ones. Lines end with a newline alone: JavaScript's `^` knows other ends, which text may hold. */
export function indentLines(text: string, spaces: number): string {
  return text.replaceAll(/(?<![^\n])(?=[^\r\n])/g, ' '.repeat(spaces));
}

import { type Document, isSeq, type Node, visit } from 'yaml';

/** How a document's block sequences are indented below their key: at the key's column, or two further. */
export type SequenceIndent = 'compact' | 'wide';

/** The indentation a document uses for sequences; undefined where it has none that shows it. */
export function sequenceIndentOf(document: Document, text: string): SequenceIndent | undefined {
  let found: SequenceIndent | undefined;
  visit(document.contents, {
    Pair(_, { key, value }) {
      const keyStart = (key as Node | null)?.range?.[0];
      // Where brackets stood says nothing, though what was in them may be a block by now.
      if (!isSeq(value) || !value.range || text[value.range[0]] !== '-' || keyStart === undefined) return;
      found = columnOf(text, value.range[0]) > columnOf(text, keyStart) ? 'wide' : 'compact';
      return visit.BREAK;
    },
  });
  return found;
}

/** The column of a position, from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** The start of the line that a position is in. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The position of the line end at or after a position, or the end of the text. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

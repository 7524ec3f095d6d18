import { lineEnd, lineStart } from './layout.ts';
import type { Snapshot } from './snapshot.ts';

/** The text that a document was parsed from, and where its nodes stand in it. */
export class SourceLines {
  readonly text: string;
  /**
   * Whether the text has anything that makes the meaning of a line depend on others far away: anchors, tags, tabs, directives, line ends of
   * two kinds, no line end at the end, blocks that keep the blank lines after them.
   */
  readonly isIntricate: boolean;

  constructor(text: string) {
    this.text = text;
    this.isIntricate = !text.endsWith('\n') || /[\t\r]|(?:^|[\s[{,])[&*!?%]|[|>][1-9]?\+/.test(text);
  }

  /** The start of the line of a sequence's item, where nothing but its dash precedes it. */
  dashStart(item: Snapshot | undefined): number | undefined {
    if (item?.range === undefined) return undefined;
    const start = lineStart(this.text, item.range[0]);
    return /^ *- +$/.test(this.text.slice(start, item.range[0])) ? start : undefined;
  }

  /** Whether nothing precedes a key on its line. */
  startsLine(key: Snapshot | undefined): boolean {
    const start = key?.range?.[0];
    return start !== undefined && this.text.slice(lineStart(this.text, start), start).trim() === '';
  }

  /** Where a value ends, the comment on its last line included and the newline excluded. */
  endOf(value: Snapshot, key: Snapshot): number {
    let last = value;
    while (last.kind === 'map' || last.kind === 'seq') {
      const child = last.children.at(-1);
      if (child === undefined || last.style === 'flow') break;
      last = child.kind === 'none' ? (last.keys.at(-1) ?? child) : child;
    }
    const end = last.range?.[1] ?? key.range?.[1] ?? 0;
    const blockScalar = this.text[end - 1] === '\n' && last.kind === 'scalar';
    return blockScalar ? end - 1 : lineEnd(this.text, end);
  }

  /** Whether the next line after a position that is not blank is a comment, which belongs to what stands before or after it. */
  isBeforeComment(position: number): boolean {
    return /^[^\n]*\n\s*#/.test(this.text.slice(position, this.#endOfNextLine(position)));
  }

  /** Whether the line before a position's line has a comment. */
  isAfterComment(position: number): boolean {
    let end = lineStart(this.text, position) - 1;
    while (end > 0) {
      const start = lineStart(this.text, end);
      const line = this.text.slice(start, end);
      if (line.trim() !== '') return line.includes('#');
      end = start - 1;
    }
    return false;
  }

  #endOfNextLine(position: number): number {
    let end = lineEnd(this.text, position);
    while (end < this.text.length) {
      const next = lineEnd(this.text, end + 1);
      if (this.text.slice(end + 1, next).trim() !== '') return next;
      end = next;
    }
    return end;
  }
}

import { Document, isScalar, type YAMLError } from 'yaml';
import { markKeyComments } from './key-comments.ts';
import type { FieldValue } from './node-edits.ts';
import { parseOptions, parseYaml } from './parse-yaml.ts';
import { outerComments, type Snapshot, snapshotNode } from './snapshot.ts';
import { endUnendedBlock } from './unended-block.ts';

/** Words that only YAML 1.1 takes for something else than text are printed in quotes. */
const compatible = { compat: 'yaml-1.1' } as const;

/** Where a document's text came from, kept so that what does not change can be printed as it was. */
export interface DocumentOrigin {
  /**
   * The text without a byte order mark, a leading `---` line included. Line ends are `\n` where all were `\r\n`; a text with both
   * keeps them.
   */
  readonly text: string;
  /** The same text as it stands in the file. */
  readonly raw: string;
  readonly snapshot: Snapshot;
  /** The comments before and after the content. */
  readonly comments: string;
  /** Whether it was the first of its file, where a `---` line is the writer's choice. */
  readonly isFirst: boolean;
}

/** One document of a file, with the text it was parsed from. */
export class ResourceDocument {
  readonly document: Document;
  /** Absent for documents made by the program. */
  readonly origin: DocumentOrigin | undefined;

  constructor(document: Document, origin: DocumentOrigin | undefined) {
    this.document = document;
    this.origin = origin;
  }

  /** Parses the text of one document, which may start with a `---` line. Syntax errors are in `errors`; keys that stand twice are not looked for. */
  static parse(raw: string, isFirst = true): ResourceDocument {
    const text = withPlainLineEnds(raw.startsWith('\ufeff') ? raw.slice(1) : raw);
    const document = parseYaml(text, compatible);
    endUnendedBlock(document, text);
    if (/[ \t]#/.test(text)) markKeyComments(document.contents, text);
    const snapshot = snapshotNode(document.contents);
    return new ResourceDocument(document, { text, raw, snapshot, comments: outerComments(document), isFirst });
  }

  /** A new document of plain data. */
  static create(value: FieldValue): ResourceDocument {
    const options = { ...parseOptions, ...compatible, aliasDuplicateObjects: false };
    return new ResourceDocument(new Document(value, options), undefined);
  }

  get errors(): readonly YAMLError[] {
    return this.document.errors;
  }

  /** The text of the document as it is written into its file, given its text after a change. */
  toFileText(text: string): string {
    const raw = this.origin?.raw ?? '';
    const ended = hasForeignLineEnds(raw) ? text.replaceAll('\n', '\r\n') : text;
    return raw.startsWith('\ufeff') ? `\ufeff${ended}` : ended;
  }

  /** Whether there is nothing but comments and white space, or a null, which is no object either. */
  get isEmpty(): boolean {
    const { contents } = this.document;
    if (contents === null) return true;
    // A node without a place in the text was put there later.
    const { range } = contents;
    if (this.origin === undefined || range == null) return false;
    return range[0] === range[1] || (isScalar(contents) && contents.value === null);
  }

  /** A copy that can be changed without changing this one. */
  clone(): ResourceDocument {
    return new ResourceDocument(this.document.clone(), this.origin);
  }
}

function withPlainLineEnds(text: string): string {
  return hasForeignLineEnds(text) ? text.replaceAll('\r\n', '\n') : text;
}

/** Whether every line ends with `\r\n`. */
function hasForeignLineEnds(text: string): boolean {
  return text.includes('\r\n') && !/(?:^|[^\r])\n/.test(text);
}
